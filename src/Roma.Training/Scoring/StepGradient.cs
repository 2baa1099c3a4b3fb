using Roma.Core;
using Roma.Models;
using Roma.Models.Kernels;
using Roma.Training.Losses;
using Roma.Training.Optimization;
using Roma.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Scoring;

/// <summary>
/// The gradient of an update: responses are scored under their views and back-propagated in micro-batches, whose shares of the loss add up under the denominators of the whole update. A small model's micro-batch is cut once more,
/// one piece a thread.
/// </summary>
/// <param name="model">The policy.</param>
/// <param name="optimizer">Holds the trained parameters.</param>
/// <param name="settings">The method's switches.</param>
/// <param name="temperature">Divides the logits.</param>
/// <param name="seed">Keys the draw of auxiliary views.</param>
/// <param name="recompute">Whether layers are computed again in the backward pass.</param>
/// <param name="reference">The reference policy; null where its KL has no coefficient.</param>
public sealed class StepGradient(VisionLanguageModel model, AdamW optimizer, ObjectiveSettings settings, double temperature, ulong seed, bool recompute = false, VisionLanguageModel? reference = null)
{
    private readonly Objective _objective = new(settings);
    private readonly DualForward _forward = new(model, settings, temperature, seed, reference);

    /// <summary>Adds an update's gradient to those of the parameters.</summary>
    /// <param name="experience">What the update learns from.</param>
    /// <param name="cuts">Its micro-batches as ranges of prompts.</param>
    /// <param name="beta">The coefficient of the reference KL, where a controller has moved it; null: the setting's.</param>
    /// <param name="timers">Get the time of <c>forward</c>, <c>loss</c>, <c>backward</c> and <c>optimizer</c>.</param>
    /// <param name="progress">Shows how many prompts are done.</param>
    /// <returns>The loss (<c>total</c>), its terms and what was measured.</returns>
    public Dictionary<string, double> Add(Experience experience, IEnumerable<(int Start, int Count)> cuts, double? beta, StageTimers timers, IProgressTask? progress = null)
    {
        StepDenominators denominators = _objective.DenominatorsOf(experience.Rows);
        var metrics = new Dictionary<string, double> { ["total"] = 0, ["ratio_deviation"] = 0 };
        if (experience.Sampled is not null)
            metrics["sampler_deviation"] = 0;
        foreach ((int start, int count) in cuts)
        {
            int shards = recompute || settings.NeedsDistributions ? 1 : Math.Min(model.Network.Shards, count); // what is computed again adds to the parameters' gradients itself
            var pieces = new Piece[shards];
            Shards.Run(shards, i => pieces[i] = Score(experience.Take(start + count * i / shards, start + count * (i + 1) / shards), alone: shards == 1));
            timers.AddLongest(pieces.Select(piece => piece.Timers));
            foreach (Piece piece in pieces)
            {
                timers.Time("optimizer", () => optimizer.Add(piece.Gradients));
                foreach ((string term, double value) in piece.Result.Terms)
                    metrics[term] = metrics.GetValueOrDefault(term) + value;
                metrics["ratio_deviation"] = Math.Max(metrics["ratio_deviation"], piece.Result.MaxRatioDeviation);
                if (experience.Sampled is not null)
                    metrics["sampler_deviation"] = Math.Max(metrics["sampler_deviation"], piece.SamplerDeviation);
            }
            progress?.Advance(count);
        }
        return metrics;

        // A share of the loss and its gradient. Pieces side by side give theirs back, to be added in order: the sum does not depend on which is done first. Alone, a piece adds to the parameters' own.
        Piece Score(Experience part, bool alone)
        {
            using DisposeScope scope = NewDisposeScope();
            var own = new StageTimers();
            ObjectiveInput input = own.Time("forward", () => _forward.Score(part));
            ObjectiveResult result = own.Time("loss", () => _objective.Compute(input, denominators, beta));
            IReadOnlyList<Tensor?> gradients = [];
            if (result.Loss.requires_grad && alone) // without: every reward of every group is like the others
                own.Time("backward", () => result.Loss.backward());
            else if (result.Loss.requires_grad)
                gradients = own.Time("backward", () => optimizer.Gradients(result.Loss));
            return new(result, own, gradients, part.Sampled is { } sampled ? LargestDeviation(input.LogProbs_NT, sampled) : 0);
        }
    }

    /// <summary>What later updates of a step are compared with, see <see cref="Experience.Old_NT"/>.</summary>
    /// <param name="experience">What an update will learn from.</param>
    /// <param name="cuts">Its micro-batches as ranges of prompts.</param>
    public Tensor LogProbs(Experience experience, IEnumerable<(int Start, int Count)> cuts)
    {
        using DisposeScope scope = NewDisposeScope();
        var parts = new List<Tensor>();
        foreach ((int start, int count) in cuts)
        {
            var pieces = new Tensor[Math.Min(model.Network.Shards, count)];
            Shards.Run(pieces.Length, i =>
            {
                using DisposeScope own = NewDisposeScope();
                pieces[i] = own.Detach(_forward.LogProbs(experience.Take(start + count * i / pieces.Length, start + count * (i + 1) / pieces.Length)));
            });
            scope.Attach(pieces);
            parts.AddRange(pieces);
        }
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The largest |ratio - 1| between two ways to compute the same: token by token with a cache, and all at once. Responses that were not scored hold zeros.</summary>
    private static double LargestDeviation(Tensor logProbs_NT, IReadOnlyList<float[]> sampled)
    {
        int width = (int)logProbs_NT.shape[1];
        float[] scored = logProbs_NT.detach().to(ScalarType.Float32).cpu().data<float>().ToArray();
        return sampled.SelectMany((response, i) => response.Select((value, t) => (Trainer: scored[i * width + t], Sampler: value)))
            .Where(pair => pair.Trainer != 0).Select(pair => Math.Abs(Math.Exp(pair.Trainer - (double)pair.Sampler) - 1)).DefaultIfEmpty(0).Max();
    }

    /// <summary>What a piece of a micro-batch gives.</summary>
    private sealed record Piece(ObjectiveResult Result, StageTimers Timers, IReadOnlyList<Tensor?> Gradients, double SamplerDeviation);
}
