using System.Collections.Concurrent;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Counts light in grains: every value becomes a Poisson draw of its own mean.</summary>
/// <param name="Count">The mean count at full light, 0.5 to 1000; less is noisier.</param>
[Name("shot_noise")]
public sealed record ShotNoise(double Count) : StochasticCorruption
{
    private static readonly ConcurrentDictionary<(double, Fidelity), PoissonLevels> Tables = [];

    /// <summary>The mean count at full light.</summary>
    public double Count { get; init; } = Guard.InRange(Count, 0.5, 1000, "grains");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields) => fields.AddUniform("uniform", checked(width * height * 3), random);

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        PoissonLevels table = Tables.GetOrAdd((Count, fidelity), key => new(key.Item1, key.Item2));
        return Elementwise.Apply(image, fields, "uniform", table.Sample);
    }
}
