using Roma.Core;

namespace Roma.Corruptions.Sequences;

/// <summary>Corruptions one after another: "photographed, then forwarded twice".</summary>
/// <param name="Steps">At least one; each has draws of its own, and rounds, as there is no published result to equal.</param>
[Name("sequence")]
public sealed record Sequence(IReadOnlyList<ICorruption> Steps) : ICorruption
{
    /// <summary>The corruptions in order.</summary>
    public IReadOnlyList<ICorruption> Steps { get; init; } = Steps.Count > 0 ? Steps : throw new ArgumentException("expected at least one corruption", nameof(Steps));

    /// <inheritdoc/>
    public RgbImage Apply(RgbImage image, CounterRandom random, Fidelity fidelity = Fidelity.Rounded)
    {
        RgbImage current = image;
        foreach (ICorruption step in Steps)
        {
            RgbImage next = step.Apply(current, new CounterRandom(random.NextUInt64()));
            if (current != image)
                current.Dispose();
            current = next;
        }
        return current;
    }

    /// <inheritdoc/>
    public ICorruption Scaled(double factor) => new Sequence([.. Steps.Select(step => step.Scaled(factor))]);
}
