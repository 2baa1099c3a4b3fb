using Roma.Models.Kernels;
using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>Adds weighted terms up and brings their values to the host in one copy.</summary>
internal sealed class TermSum
{
    private readonly List<string> _names = [];
    private readonly List<Tensor> _values = [];
    private Tensor? _total;

    /// <summary>Measures a scalar term and, where its weight is not 0, adds it; a term of weight 0 has no graph.</summary>
    public void Add(string name, double weight, Func<Tensor> term)
    {
        using IDisposable? mode = weight == 0 ? no_grad() : null;
        Tensor value = term();
        Measure(name, value);
        if (weight == 0)
            return;
        Tensor weighted = weight == 1 ? value : value * tensor(weight, value.dtype, value.device);
        _total = _total is null ? weighted : _total.add(weighted, Scalars.One);
    }

    /// <summary>Reports a scalar without adding it.</summary>
    public void Measure(string name, Tensor value)
    {
        _names.Add(name);
        _values.Add(value.detach());
    }

    /// <summary>The sum, to be moved out of the caller's dispose scope, and all measured values.</summary>
    public (Tensor Total, Dictionary<string, double> Terms) Close()
    {
        Tensor total = _total ?? throw new InvalidOperationException("All weights are 0: there is no loss.");
        Measure("total", total);
        double[] values = stack(_values).to(ScalarType.Float64).cpu().data<double>().ToArray();
        return (total, _names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second));
    }
}
