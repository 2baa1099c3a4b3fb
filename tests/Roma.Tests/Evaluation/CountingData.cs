using Roma.Core;
using Roma.Data;

namespace Roma.Tests.Evaluation;

/// <summary>Sample i shows one pixel of grey i and asks for i; counts how often it is read.</summary>
[Name("counting_test_data")]
public sealed record CountingData(long? Count = 20) : IDataset
{
    private int _reads;

    public string Name => "counting";

    internal int Reads => _reads;

    public Sample Get(long index)
    {
        Interlocked.Increment(ref _reads);
        return new($"counting-{index}", [new RgbImage(1, 1, [(byte)index, 0, 0])], "which?", $"{index}", index % 2 == 0 ? "even" : "odd");
    }
}
