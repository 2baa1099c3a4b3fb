using Roma.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Kernels;

/// <summary>Frozen bf16 matrices, widened in blocks, against float64 products of the same numbers.</summary>
public sealed class WidenedMapTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Theory]
    [InlineData(3, 40, 24, false)]
    [InlineData(5, 1 << 20, 10, false)] // blocks of four rows, and two are left
    [InlineData(5, 10, 1 << 20, true)]
    public void Product_and_gradient_are_those_of_the_whole_matrix(int rows, int inputs, int outputs, bool transposed)
    {
        using var generator = new Generator(3);
        Tensor stored = randn(transposed ? inputs : outputs, transposed ? outputs : inputs, generator: generator).to(ScalarType.BFloat16), weight = transposed ? stored.t() : stored;
        Tensor x = randn(rows, inputs, generator: generator).to(ScalarType.BFloat16).requires_grad_(), factor = randn(rows, outputs, generator: generator);
        Tensor y = WidenedMap.Apply(x, weight);
        (y * factor).sum().backward();
        Tensor wide = weight.to(ScalarType.Float64);
        Assert.Equal(ScalarType.Float32, y.dtype);
        Near(x.detach().to(ScalarType.Float64).mm(wide.t()), y, 1e-5);
        Near(factor.to(ScalarType.Float64).mm(wide), x.grad!, 0.005); // half a unit of the last of bf16's eight digits

        static void Near(Tensor expected, Tensor found, double tolerance) =>
            Assert.InRange(((found.to(ScalarType.Float64) - expected).abs().max() / expected.abs().max()).item<double>(), 0, tolerance);
    }
}
