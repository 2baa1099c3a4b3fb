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

    /// <summary>Divides positive and multiplies negative logits of tokens that occurred.</summary>
    public static void Penalize(Span<float> logits, IEnumerable<int> occurred, double penalty)
    {
        foreach (int token in occurred.ToHashSet())
            logits[token] = (float)(logits[token] > 0 ? logits[token] / penalty : logits[token] * penalty);
    }

    /// <summary>Puts every token that may not be drawn at minus infinity: beyond the k most likely, then beyond the most likely share p of what is left.</summary>
    public static void Truncate(Span<float> logits, SamplingSettings settings)
    {
        if (settings.Temperature == 0)
            return;
        if (settings.TopK > 0 && settings.TopK < logits.Length)
        {
            var largest = new PriorityQueue<float, float>(settings.TopK + 1);
            foreach (float logit in logits)
            {
                if (largest.Count < settings.TopK)
                    largest.Enqueue(logit, logit);
                else if (logit > largest.Peek())
                    largest.EnqueueDequeue(logit, logit);
            }
            Cut(logits, largest.Peek());
        }
        if (settings.TopP < 1)
            Cut(logits, Share(logits, settings));
    }

    /// <summary>The least likely logit that is still needed to reach the share p.</summary>
    private static float Share(ReadOnlySpan<float> logits, SamplingSettings settings)
    {
        float max = float.NegativeInfinity;
        foreach (float logit in logits)
            max = MathF.Max(max, logit);
        double total = 0;
        foreach (float logit in logits)
            total += Math.Exp((logit - max) / settings.Temperature);
        // Tokens below (1 - p) / V of the probability, all of them together, are less than what is cut off: only the others need sorting.
        double least = max + settings.Temperature * Math.Log(Math.Max((1 - settings.TopP) / logits.Length * total, double.Epsilon)), sum = 0;
        var candidates = new List<float>();
        foreach (float logit in logits)
        {
            if (logit >= least)
                candidates.Add(logit);
        }
        candidates.Sort((a, b) => b.CompareTo(a));
        foreach (float logit in candidates)
        {
            sum += Math.Exp((logit - max) / settings.Temperature);
            if (sum >= settings.TopP * total)
                return logit;
        }
        return candidates.Count == 0 ? max : candidates[^1];
    }

    private static void Cut(Span<float> logits, float below)
    {
        for (int i = 0; i < logits.Length; i++)
            if (logits[i] < below)
                logits[i] = float.NegativeInfinity;
    }
}
