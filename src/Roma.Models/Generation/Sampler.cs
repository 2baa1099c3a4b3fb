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
