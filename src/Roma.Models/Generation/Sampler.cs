using System.Runtime.Intrinsics;
using Roma.Core;
using Roma.Models.Kernels;

namespace Roma.Models.Generation;

/// <summary>Draws one token from logits.</summary>
internal static class Sampler
{
    /// <summary>The most likely token at temperature 0, else a draw from softmax(logits / temperature) by inversion; the logits are left as they are.</summary>
    public static int Draw(ReadOnlySpan<float> logits, double temperature, CounterRandom random)
    {
        int best = 0;
        for (int k = 1; k < logits.Length; k++)
            best = logits[k] > logits[best] ? k : best;
        if (temperature == 0)
            return best;
        float max = logits[best], inverse = (float)(1 / temperature), total = 0;
        Span<float> weights = logits.Length <= 4096 ? stackalloc float[logits.Length] : new float[logits.Length];
        int i = 0;
        for (; i + 8 <= logits.Length; i += 8)
            Simd.Exp((Vector256.Create(logits[i..]) - Vector256.Create(max)) * inverse).CopyTo(weights[i..]);
        for (; i < logits.Length; i++)
            weights[i] = MathF.Exp((logits[i] - max) * inverse);
        foreach (float weight in weights)
            total += weight;
        float target = (float)(random.NextDouble() * total);
        for (i = 0; i < weights.Length; i++)
        {
            target -= weights[i];
            if (target < 0 && weights[i] > 0)
                return i;
        }
        return best; // rounding left a crumb at the end
    }
}
