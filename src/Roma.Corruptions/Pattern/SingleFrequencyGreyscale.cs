using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Adds one sine wave of random direction, frequency and phase.</summary>
/// <param name="Intensity">Its amplitude in levels, 0 to 255.</param>
[Name("single_frequency_greyscale")]
public sealed record SingleFrequencyGreyscale(double Intensity) : StochasticCorruption
{
    /// <summary>The wave's amplitude.</summary>
    public double Intensity { get; init; } = Guard.InRange(Intensity, 0, 255, "levels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        Span<float> frequency = fields.Add("freq", 2); // across and down, in radians a pixel
        double first = random.Uniform(-Math.PI, Math.PI), second = random.Uniform(-Math.Abs(first), Math.Abs(first));
        bool swap = random.Integer(0, 2) == 1;
        (frequency[0], frequency[1]) = swap ? ((float)second, (float)first) : ((float)first, (float)second);
        fields.Add("phase", 1)[0] = (float)random.Uniform(0, 2 * Math.PI);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (double across, double down, double phase) = (fields["freq"][0], fields["freq"][1], fields["phase"][0]);
        using Scratch<float> sines = new(image.Width), cosines = new(image.Width);
        for (int x = 0; x < image.Width; x++)
            (sines.Span[x], cosines.Span[x]) = ((float)Math.Sin(x * across), (float)Math.Cos(x * across));
        (float[] sine, float[] cosine) = (sines.Array, cosines.Array);
        return PatternRows.Apply(image, fidelity, (y, levels, wave) =>
        {
            (double s, double c) = Math.SinCos(y * down + phase);
            (float sin, float cos) = ((float)s, (float)c);
            for (int x = 0; x < wave.Length && x < sine.Length; x++)
                wave[x] = sine[x] * cos + cosine[x] * sin;
            PatternRows.Add(levels, wave, (float)Intensity);
        });
    }
}
