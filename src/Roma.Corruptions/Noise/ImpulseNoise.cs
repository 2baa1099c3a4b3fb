using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Corruptions.Operators;

namespace Roma.Corruptions.Noise;

/// <summary>Salt and pepper: replaces a share of the values, each channel on its own, by the lowest or the highest level.</summary>
/// <param name="Amount">The share, 0 to 1; half of it becomes white.</param>
[Name("impulse_noise")]
public sealed record ImpulseNoise(double Amount) : StochasticCorruption
{
    private const int Part = 2048;

    /// <summary>The share of replaced values.</summary>
    public double Amount { get; init; } = Guard.InRange(Amount, 0, 1, "of the values");

    /// <inheritdoc/>
    public override void Draw(int width, int height, CounterRandom random, Fields fields)
    {
        fields.AddUniform("flip", checked(width * height * 3), random);
        fields.AddIntegers("salt", width * height * 3, 0, 2, random);
    }

    /// <inheritdoc/>
    public override RgbImage Apply(RgbImage image, Fields fields, Fidelity fidelity = Fidelity.Rounded)
    {
        var result = RgbImage.Rent(image.Width, image.Height);
        float amount = (float)Amount;
        using Scratch<float> flips = new(Part), salts = new(Part);
        for (int start = 0; start < result.Pixels.Length; start += Part)
        {
            int length = Math.Min(Part, result.Pixels.Length - start), i = 0;
            ReadOnlySpan<float> flip = fields.Read("flip", start, flips.Span[..length]), salt = fields.Read("salt", start, salts.Span[..length]);
            ReadOnlySpan<byte> from = image.Pixels.AsSpan(start, length);
            Span<byte> to = result.Pixels.AsSpan(start, length);
            for (; i + Vector256<byte>.Count <= length; i += Vector256<byte>.Count)
                Vector256.ConditionalSelect(AtMost(flip[i..], amount), AtMost(salt[i..], 0.5f), Vector256.Create(from[i..])).CopyTo(to[i..]);
            for (; i < length; i++)
                to[i] = flip[i] <= amount ? (byte)(salt[i] <= 0.5f ? 255 : 0) : from[i];
        }
        return result;
    }

    // 255 where a value is at most the bound, else 0.
    private static Vector256<byte> AtMost(ReadOnlySpan<float> values, float bound)
    {
        var limit = Vector256.Create(bound);
        Vector256<short> low = Vector256.Narrow(Vector256.LessThanOrEqual(Vector256.Create<float>(values), limit).AsInt32(), Vector256.LessThanOrEqual(Vector256.Create<float>(values[8..]), limit).AsInt32());
        Vector256<short> high = Vector256.Narrow(Vector256.LessThanOrEqual(Vector256.Create<float>(values[16..]), limit).AsInt32(), Vector256.LessThanOrEqual(Vector256.Create<float>(values[24..]), limit).AsInt32());
        return Vector256.Narrow(low, high).AsByte();
    }
}
