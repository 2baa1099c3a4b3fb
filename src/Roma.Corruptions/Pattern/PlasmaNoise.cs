using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Pattern;

/// <summary>Lays flowing bands of colour over the picture.</summary>
/// <param name="Intensity">Their amplitude in levels, 0 to 255; the picture is dimmed by as much.</param>
[Name("plasma_noise")]
public sealed record PlasmaNoise(double Intensity) : StochasticCorruption
{
    /// <summary>The bands' amplitude.</summary>
    public double Intensity { get; init; } = Guard.InRange(Intensity, 0, 255, "levels");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.Add("time", 1)[0] = (float)random.Uniform(0, 6 * Math.PI);
        fields.Add("iterations", 1)[0] = random.Integer(4, 7);
        fields.Add("sharpness", 1)[0] = (float)random.Uniform(0.5, 1);
        fields.Add("scale", 1)[0] = (float)(random.Uniform(0.075, 0.2) * PatternRows.Side(width, height));
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        (float time, int iterations, float sharpness, float scale) = (fields["time"][0], (int)fields["iterations"][0], fields["sharpness"][0], fields["scale"][0]);
        (float intensity, float keep) = ((float)Intensity, (float)(1 - Intensity / 255));
        float middle = MathF.Sin(time);
        return PatternRows.Apply(image, fidelity, (y, levels, _) =>
        {
            for (int left = 0; left < levels.Length / 3; left += Vector256<float>.Count)
            {
                Vector256<float> x = (Vector256.Create((float)left) + Vector256<float>.Indices) / scale, v = Vector256.Create(y / scale);
                float frequency = 1, period = 1, damping = 1;
                for (int i = 0; i < iterations; i++, frequency *= 1.93f, period *= 1.15f, damping *= 2.25f - sharpness)
                {
                    var phase = Vector256.Create(time / period);
                    Vector256<float> a = VectorMath.SinCos(v * frequency + phase).Cos / damping, b = VectorMath.SinCos(x * frequency + phase).Sin / damping;
                    (x, v) = (x + a - b * 0.3f, v + b + a * 0.3f);
                }
                Vector256<float> red = VectorMath.SinCos(x - Vector256.Create(time)).Sin, green = VectorMath.SinCos((x + v + Vector256.Create(middle)) * 0.5f).Sin;
                Vector256<float> blue = VectorMath.SinCos(v + Vector256.Create(time)).Sin;
                for (int k = 0, i = 3 * left; k < Vector256<float>.Count && i < levels.Length; k++, i += 3)
                {
                    levels[i] = keep * levels[i] + intensity * red[k];
                    levels[i + 1] = keep * levels[i + 1] + intensity * green[k];
                    levels[i + 2] = keep * levels[i + 2] + intensity * blue[k];
                }
            }
        });
    }
}
