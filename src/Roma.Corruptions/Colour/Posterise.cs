using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Colour;

/// <summary>Few levels in each channel, evenly spaced from black to white.</summary>
/// <param name="Count">How many, 2 to 256.</param>
[Name("posterise")]
public sealed record Posterise(int Count) : ICorruption
{
    /// <summary>How many levels.</summary>
    public int Count { get; init; } = Guard.InRange(Count, 2, 256, "levels");

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded) =>
        Levels.Map(image, level => Math.Floor(level * (Count - 1) + 0.5) / (Count - 1));
}
