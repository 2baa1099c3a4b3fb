using Roma.Core;
using Roma.Models.Kernels;
using Roma.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;
using AdamW = Roma.Training.Optimization.AdamW;
using Parameter = TorchSharp.Modules.Parameter;

namespace Roma.Tests.Training;

public class AdamWTests
{
    private static readonly AdamWSettings Settings = new(Lr: 0.01, WeightDecay: 0.1);

    private static readonly (string Name, long[] Shape)[] Shapes = [("layers.0.weight", [37, 5]), ("layers.0.bias", [37]), ("embed_tokens.weight", [11, 3]), ("scale", [1])];

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Steps_as_the_formula_says(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        Skip(fused);
        var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Settings, fused);
        double[][] p = [.. parameters.Select(pair => Values(pair.Parameter))], m = [.. p.Select(x => new double[x.Length])], v = [.. p.Select(x => new double[x.Length])];
        for (int step = 1; step <= 6; step++)
        {
            optimizer.ZeroGrad();
            optimizer.Step(Settings.Lr); // without gradients nothing happens, and no step is counted
            SetGradients(parameters, step);
            optimizer.Step(Settings.Lr / step);
            for (int i = 0; i < p.Length; i++)
            {
                double[] g = Values(parameters[i].Parameter.grad!);
                double decay = i == 0 ? Settings.WeightDecay : 0;
                for (int j = 0; j < g.Length; j++)
                {
                    p[i][j] *= 1 - Settings.Lr / step * decay;
                    m[i][j] = Settings.Beta1 * m[i][j] + (1 - Settings.Beta1) * g[j];
                    v[i][j] = Settings.Beta2 * v[i][j] + (1 - Settings.Beta2) * g[j] * g[j];
                    p[i][j] -= Settings.Lr / step * (m[i][j] / (1 - Math.Pow(Settings.Beta1, step))) / (Math.Sqrt(v[i][j] / (1 - Math.Pow(Settings.Beta2, step))) + Settings.Epsilon);
                }
                Assert.All(Values(parameters[i].Parameter).Zip(p[i]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
            }
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Resumes_bit_for_bit(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        Skip(fused);
        var whole = Parameters();
        using var first = new AdamW(whole, Settings, fused);
        Train(first, whole, 1, 3);
        var copied = whole.Select(pair => (pair.Name, Parameter: new Parameter(pair.Parameter.detach().clone()))).ToArray();
        Dictionary<string, Tensor> state = first.State().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        Train(first, whole, 4, 6);
        using var second = new AdamW(copied, Settings, fused);
        second.Load(state);
        Train(second, copied, 4, 6);
        Assert.Equal(6, second.StepsDone);
        Assert.All(whole.Zip(copied), pair => Assert.Equal(Values(pair.First.Parameter), Values(pair.Second.Parameter)));
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void Clips_the_norm_of_all_gradients(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        Skip(fused);
        var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Settings, fused);
        Assert.Equal(0, optimizer.ClipGradNorm(1));
        SetGradients(parameters, 1);
        double[] before = [.. parameters.SelectMany(pair => Values(pair.Parameter.grad!))];
        double norm = Math.Sqrt(before.Sum(g => g * g));
        Assert.Equal(norm, optimizer.ClipGradNorm(null), 1e-5);
        Assert.Equal(norm, optimizer.ClipGradNorm(norm * 2), 1e-5);
        Assert.Equal(before, parameters.SelectMany(pair => Values(pair.Parameter.grad!)));
        Assert.Equal(norm, optimizer.ClipGradNorm(norm / 4), 1e-5);
        Assert.All(before.Zip(parameters.SelectMany(pair => Values(pair.Parameter.grad!))), pair => Assert.Equal(pair.First / 4, pair.Second, 1e-5));
        parameters[0].Parameter.grad!.fill_(double.NaN);
        Assert.False(double.IsFinite(optimizer.ClipGradNorm(1)));
    }

    [Fact]
    public void A_transposed_gradient_is_read_in_its_own_order()
    {
        using DisposeScope scope = NewDisposeScope();
        Parameter one = new(zeros(3, 2)), other = new(zeros(3, 2));
        Tensor gradient = arange(6, float32).view(2, 3).t();
        (one.grad, other.grad) = (gradient, gradient.contiguous());
        foreach (Parameter parameter in (Parameter[])[one, other])
        {
            using var optimizer = new AdamW([("weight", parameter)], new AdamWSettings(Beta1: 0, Epsilon: 1));
            optimizer.Step(1);
        }
        Assert.Equal(Values(other), Values(one));
    }

    [Fact]
    public void A_parameter_without_a_gradient_stays_and_gradients_can_be_forgotten()
    {
        using DisposeScope scope = NewDisposeScope();
        var parameters = Parameters();
        using var optimizer = new AdamW(parameters, Settings);
        SetGradients(parameters, 1);
        parameters[0].Parameter.grad = null;
        double[] before = Values(parameters[0].Parameter), moving = Values(parameters[1].Parameter);
        optimizer.Step(Settings.Lr);
        Assert.Equal(before, Values(parameters[0].Parameter));
        Assert.NotEqual(moving, Values(parameters[1].Parameter));
        optimizer.ZeroGrad();
        Assert.All(parameters, pair => Assert.Null(pair.Parameter.grad));
    }

    [Fact]
    public void A_foreign_state_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using var optimizer = new AdamW(Parameters(), Settings);
        Dictionary<string, Tensor> state = optimizer.State();
        state.Remove("exp_avg.scale");
        Assert.Contains("exp_avg.scale", Assert.Throws<RomaException>(() => optimizer.Load(state)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Schedules_rise_and_fall()
    {
        Assert.Equal([0.5, 1, 1, 1], Enumerable.Range(0, 4).Select(step => new ConstantSchedule(2).At(step, 4)));
        Assert.Equal([0.5, 1, 1, 0.75, 0.5, 0.25], Enumerable.Range(0, 6).Select(step => new LinearSchedule(2).At(step, 6)));
        Assert.Equal([1, 0.55, 0.1], ((int[])[0, 5, 10]).Select(step => Math.Round(new CosineSchedule(Floor: 0.1).At(step, 10), 12)));
    }

    private static void Skip(bool fused) => Xunit.Skip.If(fused && !AtenDispatch.IsAvailable, "libtorch's dispatcher cannot be reached here.");

    private static (string Name, Parameter Parameter)[] Parameters() =>
        [.. Shapes.Select((each, i) => (each.Name, new Parameter(rand(each.Shape, generator: new Generator((ulong)i)))))];

    private static void SetGradients((string Name, Parameter Parameter)[] parameters, int step)
    {
        for (int i = 0; i < parameters.Length; i++)
            parameters[i].Parameter.grad = rand(Shapes[i].Shape, generator: new Generator((ulong)(100 * step + i))) - 0.5f;
    }

    private static void Train(AdamW optimizer, (string Name, Parameter Parameter)[] parameters, int from, int to)
    {
        for (int step = from; step <= to; step++)
        {
            SetGradients(parameters, step);
            optimizer.ClipGradNorm(1);
            optimizer.Step(Settings.Lr);
        }
    }

    private static double[] Values(Tensor tensor) => tensor.detach().to(float64).data<double>().ToArray();
}
