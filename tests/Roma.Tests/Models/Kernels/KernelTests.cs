using System.Runtime.Intrinsics;
using Roma.Models.Kernels;
using Roma.Models.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Kernels;

/// <summary>Values and gradients of the kernels, fused and composed, against plain float64 arithmetic written out here.</summary>
public sealed class KernelTests : IDisposable
{
    private const double Eps = 0.03; // large, so that it counts
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Generator _generator = new(42);

    public void Dispose()
    {
        _generator.Dispose();
        _scope.Dispose();
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(50, 96)]
    [InlineData(7, 12)] // no multiple of the vector width: composed
    public void RmsNorm_is_the_formula(int rows, int width) =>
        Check(x => RmsNorm.Apply(x[0], x[1], Eps), x => Normalized(x[0]) * x[1], Random(rows, width), Random(width));

    [Fact]
    public void RmsNorm_reads_strided_rows() =>
        Check(x => RmsNorm.Apply(x[0].narrow(1, 16, 24), x[1], Eps), x => Normalized(x[0].narrow(1, 16, 24)) * x[1], Random(9, 64), Random(24));

    [Theory]
    [InlineData(4, 24, true)]
    [InlineData(4, 24, false)]
    [InlineData(1, 16, true)]
    [InlineData(3, 12, true)] // composed
    [InlineData(3, 12, false)]
    public void Rotary_is_the_formula(int heads, int width, bool normed) => CheckRotary(Random(11, heads * width), x => x, heads, width, normed);

    [Theory]
    [InlineData(24, true)]
    [InlineData(24, false)]
    [InlineData(12, true)]
    public void Rotary_reads_strided_rows(int width, bool normed) => CheckRotary(Random(11, 3 * 2 * width), x => x.chunk(3, 1)[1], 2, width, normed);

    [Theory]
    [InlineData(50, 96)]
    [InlineData(3, 5)] // composed
    public void SwiGlu_is_the_formula(int rows, int width) =>
        Check(x => SwiGlu.Apply(x[0], x[1]), x => x[0] * x[0].sigmoid() * x[1], Random(rows, width) * 4, Random(rows, width));

    [Fact]
    public void SwiGlu_stays_finite_far_out() => Check(x => SwiGlu.Apply(x[0], x[1]), x => x[0] * x[0].sigmoid() * x[1], Random(8, 16) * 100, Random(8, 16));

    [Theory]
    [InlineData(4, 4, 24, true)]
    [InlineData(4, 2, 16, true)]
    [InlineData(3, 1, 8, true)]
    [InlineData(2, 2, 24, false)]
    [InlineData(4, 2, 12, true)] // composed
    [InlineData(2, 2, 12, false)]
    public void PackedAttention_is_the_formula(int heads, int keyHeads, int width, bool causal)
    {
        int[] prefixes = [5, 9, 1, 17];
        PackedLayout[] layouts = causal
            ? [new(prefixes, []), new(prefixes, [3, 4, 1, 2, 40, 5, 0, 8]), new(prefixes, [3, 0, 6, 2, 9], owners: [0, 0, 0, 2, 3])]
            : [new(prefixes, [], causal: false)];
        foreach (PackedLayout layout in layouts)
            Check(x => PackedAttention.Apply(x[0], x[1], x[2], width, layout), x => Attention(x[0], x[1], x[2], width, layout),
                Random(layout.Rows, heads * width), Random(layout.Rows, keyHeads * width), Random(layout.Rows, keyHeads * width));
    }

    [Fact]
    public void PackedAttention_reads_strided_rows()
    {
        var layout = new PackedLayout([6, 11], [2, 3, 4, 5]);
        Check(x => PackedAttention.Apply(x[0].narrow(1, 0, 32), x[0].narrow(1, 32, 32), x[0].narrow(1, 64, 32), 16, layout),
            x => Attention(x[0].narrow(1, 0, 32), x[0].narrow(1, 32, 32), x[0].narrow(1, 64, 32), 16, layout), Random(layout.Rows, 96));
    }

    [Theory]
    [InlineData(20, 48, 64, 1)]
    [InlineData(20, 48, 64, 0.7)]
    [InlineData(5, 8, 37, 1.3)] // composed
    [InlineData(54, 16, 151936, 1)] // two chunks of rows, a real vocabulary
    public void TokenLogProb_is_the_log_softmax(int rows, int width, int vocabulary, double temperature)
    {
        Tensor targets = randint(0, vocabulary, rows, dtype: ScalarType.Int64, generator: _generator);
        Check(x => TokenLogProb.Apply(x[0], x[1], targets, temperature),
            x => (x[0].mm(x[1].t()) / temperature).log_softmax(1).gather(1, targets.unsqueeze(1)).squeeze(1), Random(rows, width), Random(vocabulary, width));
    }

    [Theory]
    [InlineData(1, 4096, 512)] // streamed
    [InlineData(4, 2064, 1040)]
    [InlineData(5, 2048, 512)] // a matrix product
    [InlineData(2, 64, 48)]
    public void LinearMap_is_the_formula(int rows, int outputs, int inputs)
    {
        Check(x => LinearMap.Apply(x[0], x[1], x[2]), x => x[0].mm(x[1].t()) + x[2], Random(rows, inputs), Random(outputs, inputs), Random(outputs));
        using IDisposable _ = no_grad();
        Tensor x = Random(rows, inputs).to(ScalarType.BFloat16), weight = Random(outputs, inputs).to(ScalarType.BFloat16), bias = Random(outputs).to(ScalarType.BFloat16), y = LinearMap.Apply(x, weight, bias);
        Assert.Equal(ScalarType.BFloat16, y.dtype);
        Tensor exact = x.to(ScalarType.Float64).mm(weight.to(ScalarType.Float64).t()) + bias.to(ScalarType.Float64);
        Assert.InRange((y.to(ScalarType.Float64) - exact).abs().max().item<double>() / exact.abs().max().item<double>(), 0, 1.0 / 256);
        Assert.True(y.to(ScalarType.Float64).allclose(exact, 1.0 / 128, 1e-2), "each is rounded by itself");
    }

    [Fact]
    public void LogSumExp_is_the_formula()
    {
        foreach (int count in new[] { 1, 7, 8, 13, 5000, 151_936 })
        {
            Tensor x = Random(count) * 3;
            Assert.Equal((x.to(ScalarType.Float64) * 0.7).logsumexp(0).item<double>(), LogSumExp(x.data<float>().ToArray()), 2e-6);
        }

        static unsafe double LogSumExp(float[] values)
        {
            fixed (float* x = values)
                return Simd.LogSumExp(x, values.Length, 0.7f);
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float64)]
    public void NonFinite_finds_every_kind_everywhere(ScalarType type)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            foreach (int at in new[] { 0, 15, 36, 66 })
            {
                Tensor x = full([67], 6e4f).to(type);
                Assert.False(NonFinite.IsIn(x));
                x[at] = bad;
                Assert.True(NonFinite.IsIn(x));
            }
    }

    [Fact]
    public void Exp_is_exact_to_two_units_in_the_last_place()
    {
        for (float x = -87.2f; x < 88.2f; x += 0.0101f)
        {
            double expected = Math.Exp(x);
            Assert.InRange(Math.Abs(Simd.Exp(Vector256.Create(x))[0] - expected) / expected, 0, 2 * Math.Pow(2, -23));
        }
        Assert.Equal(0, Simd.Exp(Vector256.Create(-88f))[3]);
        Assert.Equal(0, Simd.Exp(Vector256.Create(float.NegativeInfinity))[3]);
        Assert.True(float.IsFinite(Simd.Exp(Vector256.Create(1e30f))[3]));
        Assert.Equal(1, Simd.Exp(Vector256.Create(0f))[7]);
    }

    private void CheckRotary(Tensor source, Func<Tensor, Tensor> part, int heads, int width, bool normed)
    {
        Tensor angles = Random(source.shape[0], width / 2) * 10, cos = angles.cos(), sin = angles.sin();
        Check(x => Rotary.Apply(part(x[0]), normed ? x[1] : null, Eps, cos, sin), Formula, normed ? [source, Random(width)] : [source]);

        Tensor Formula(Tensor[] x)
        {
            Tensor rows = part(x[0]).reshape(-1, heads, width), c = cos.to(ScalarType.Float64).unsqueeze(1), s = sin.to(ScalarType.Float64).unsqueeze(1);
            if (normed)
                rows = Normalized(rows) * x[1];
            (Tensor a, Tensor b) = (rows.narrow(2, 0, width / 2), rows.narrow(2, width / 2, width / 2));
            return cat([a * c - b * s, b * c + a * s], 2).reshape(-1, heads * width);
        }
    }

    private static Tensor Normalized(Tensor x) => x / (x.square().mean([-1L], keepdim: true) + Eps).sqrt();

    /// <summary>Query by query: softmax over the keys that the layout lets it see.</summary>
    private static Tensor Attention(Tensor q, Tensor k, Tensor v, int width, PackedLayout layout)
    {
        (int heads, int share) = ((int)q.shape[1] / width, (int)(q.shape[1] / k.shape[1]));
        var rows = new Tensor[layout.Rows];
        for (int b = 0; b < layout.B; b++)
        {
            int[] prefix = [.. Enumerable.Range(0, layout.PrefixLengths[b]).Select(t => layout.PrefixRow(b, t))];
            for (int t = 0; t < prefix.Length; t++)
                rows[prefix[t]] = Row(prefix[t], layout.Causal ? prefix[..(t + 1)] : prefix);
            for (int r = layout.Responses(b).First; r < layout.Responses(b).End; r++)
                for (int t = 0; t < layout.ResponseLengths[r]; t++)
                    rows[layout.ResponseRow(r, t)] = Row(layout.ResponseRow(r, t), [.. prefix, .. Enumerable.Range(0, t + 1).Select(s => layout.ResponseRow(r, s))]);
        }
        return stack(rows);

        Tensor Row(int query, int[] seen)
        {
            Tensor index = tensor(seen.Select(row => (long)row).ToArray()), keys = k.index_select(0, index), values = v.index_select(0, index);
            return cat([.. Enumerable.Range(0, heads).Select(head =>
            {
                Tensor scores = keys.narrow(1, head / share * width, width).mv(q[query].narrow(0, head * width, width)) / Math.Sqrt(width);
                return values.narrow(1, head / share * width, width).t().mv(scores.softmax(0));
            })]);
        }
    }

    /// <summary>Kernel and formula on the same numbers: outputs, and gradients of a random weighting of them.</summary>
    private void Check(Func<Tensor[], Tensor> kernel, Func<Tensor[], Tensor> formula, params Tensor[] inputs)
    {
        Tensor[] singles = [.. inputs.Select(input => input.detach().clone().requires_grad_())], doubles = [.. inputs.Select(input => input.detach().to(ScalarType.Float64).requires_grad_())];
        Tensor value = kernel(singles), expected = formula(doubles), weight = Random([.. expected.shape]);
        Assert.Equal(ScalarType.Float32, value.dtype);
        Near(expected, value, "value");
        (value * weight).sum().backward();
        (expected * weight).sum().backward();
        for (int i = 0; i < inputs.Length; i++)
            Near(doubles[i].grad!, singles[i].grad!, $"gradient {i}");
        using IDisposable _ = no_grad();
        Near(expected, kernel([.. inputs]), "value without gradient"); // inputs are still there and unchanged

        static void Near(Tensor expected, Tensor found, string what)
        {
            Assert.Equal(expected.shape, found.shape);
            double difference = (found.to(ScalarType.Float64) - expected).abs().max().item<double>(), largest = expected.abs().max().item<double>();
            Assert.True(difference <= 3e-6 * largest, $"{what} differs by {difference:E1}, its largest element is {largest:E1}");
        }
    }

    private Tensor Random(params long[] shape) => randn(shape, generator: _generator);
}
