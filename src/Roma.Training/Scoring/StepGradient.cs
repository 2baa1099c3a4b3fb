using Roma.Models;
using Roma.Models.Kernels;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Losses;
using Roma.Training.Optimization;
using Roma.Training.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Training.Scoring;

/// <summary>
/// The gradient of a step: responses are scored under their views and back-propagated in micro-batches, whose shares of the loss add up under the denominators of the whole step. A small model's micro-batch is cut once more,
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

    /// <summary>Adds the step's gradient to those of the parameters.</summary>
    /// <param name="step">The step; keys the draw of auxiliary views.</param>
    /// <param name="prompts">Its prompts with the pictures of the loss view.</param>
    /// <param name="questions">Its questions.</param>
    /// <param name="tokens">Its responses, prompt by prompt.</param>
    /// <param name="owners">The prompt of each.</param>
    /// <param name="rows">Their rewards and advantages.</param>
    /// <param name="cuts">Its micro-batches as ranges of prompts.</param>
    /// <param name="beta">The coefficient of the reference KL, where a controller has moved it; null: the setting's.</param>
    /// <param name="timers">Get the time of <c>forward</c>, <c>loss</c>, <c>backward</c> and <c>optimizer</c>.</param>
    /// <returns>The loss (<c>total</c>), its terms and what was measured.</returns>
    public Dictionary<string, double> Add(int step, PromptBatch prompts, IReadOnlyList<StepQuestion> questions, IReadOnlyList<int[]> tokens, int[] owners, Trajectories rows,
        IEnumerable<(int Start, int Count)> cuts, double? beta, StageTimers timers)
    {
        StepDenominators denominators = _objective.DenominatorsOf(rows);
        var metrics = new Dictionary<string, double> { ["total"] = 0, ["ratio_deviation"] = 0 };
        foreach ((int start, int count) in cuts)
        {
            int shards = recompute || settings.NeedsDistributions ? 1 : Math.Min(model.Network.Shards, count); // what is computed again adds to the parameters' gradients itself
            var pieces = new (ObjectiveResult Result, StageTimers Timers, IReadOnlyList<Tensor?> Gradients)[shards];
            Shards.Run(shards, i => pieces[i] = Piece(start + count * i / shards, count * (i + 1) / shards - count * i / shards, alone: shards == 1));
            timers.AddLongest(pieces.Select(piece => piece.Timers));
            foreach ((ObjectiveResult result, StageTimers _, IReadOnlyList<Tensor?> gradients) in pieces)
            {
                timers.Time("optimizer", () => optimizer.Add(gradients));
                foreach ((string term, double value) in result.Terms)
                    metrics[term] = metrics.GetValueOrDefault(term) + value;
                metrics["ratio_deviation"] = Math.Max(metrics["ratio_deviation"], result.MaxRatioDeviation);
            }
        }
        return metrics;

        // A share of the loss and its gradient. Pieces side by side give theirs back, to be added in order: the sum does not depend on which is done first. Alone, a piece adds to the parameters' own.
        (ObjectiveResult, StageTimers, IReadOnlyList<Tensor?>) Piece(int start, int count, bool alone)
        {
            using DisposeScope scope = NewDisposeScope();
            var own = new StageTimers();
            var forward = new DualForward(model, settings, temperature, seed, reference);
            int[] mine = [.. Enumerable.Range(0, owners.Length).Where(i => owners[i] >= start && owners[i] < start + count)];
            ObjectiveInput input = own.Time("forward", () => forward.Score(step, prompts.Take([.. Enumerable.Range(start, count)]), [.. questions.Skip(start).Take(count)], [.. mine.Select(i => tokens[i])],
                [.. mine.Select(i => owners[i] - start)], rows.Rows(mine)));
            ObjectiveResult result = own.Time("loss", () => _objective.Compute(input, denominators, beta));
            IReadOnlyList<Tensor?> gradients = [];
            if (result.Loss.requires_grad && alone) // without: every reward of every group is like the others
                own.Time("backward", () => result.Loss.backward());
            else if (result.Loss.requires_grad)
                gradients = own.Time("backward", () => optimizer.Gradients(result.Loss));
            return (result, own, gradients);
        }
    }
}
