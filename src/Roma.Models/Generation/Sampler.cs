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
        if (temperature == 0)
            return Best(logits);
        float inverse = (float)(1 / temperature);
        int blocks = (logits.Length + 7) / 8;
        Span<float> weights = blocks <= 512 ? stackalloc float[8 * blocks] : new float[8 * blocks], sums = blocks <= 512 ? stackalloc float[blocks] : new float[blocks];
        weights[^8..].Fill(float.NegativeInfinity);
        logits.CopyTo(weights);
        Vector256<float> highest = Vector256.Create(float.NegativeInfinity);
        for (int block = 0; block < blocks; block++)
            highest = Vector256.Max(highest, Vector256.Create(weights[(8 * block)..]));
        Vector256<float> max = Vector256.Create(Simd.Max(highest));
        float total = 0;
        for (int block = 0; block < blocks; block++)
        {
            Vector256<float> weight = Simd.Exp((Vector256.Create(weights[(8 * block)..]) - max) * inverse);
            weight.CopyTo(weights[(8 * block)..]);
            total += sums[block] = Vector256.Sum(weight);
        }
        float target = (float)(random.NextDouble() * total);
        for (int block = 0; block < blocks; block++)
        {
            if (target >= sums[block])
            {
                target -= sums[block];
                continue;
            }
            for (int i = 8 * block; i < 8 * block + 8; i++)
            {
                target -= weights[i];
                if (target < 0 && weights[i] > 0)
                    return i;
            }
        }
        return Best(logits); // rounding left a crumb at the end
    }

    private static int Best(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int k = 1; k < logits.Length; k++)
            best = logits[k] > logits[best] ? k : best;
        return best;
    }
}
