using Roma.Core;
using Roma.Models;
using Roma.Models.Scoring;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Losses;
using static TorchSharp.torch;

namespace Roma.Training.Scoring;

/// <summary>
/// The dual forward: the same responses teacher-forced on the loss view and on corrupted views. Where only each trajectory's worst view counts, all views are
/// scored without gradient first and the selected ones again with it (select, then back-propagate).
/// </summary>
/// <param name="model">The policy.</param>
/// <param name="settings">The method's switches.</param>
/// <param name="temperature">Divides the logits.</param>
/// <param name="seed">Keys the draw of auxiliary views.</param>
public sealed class DualForward(VisionLanguageModel model, ObjectiveSettings settings, double temperature, ulong seed)
{
    private readonly Objective _objective = new(settings);

    /// <summary>Scores a micro-batch.</summary>
    /// <param name="step">The step; keys the draw of auxiliary views.</param>
    /// <param name="batch">Its prompts with the pictures of the loss view.</param>
    /// <param name="questions">Its questions; those that have views have the same number of them.</param>
    /// <param name="tokens">Its responses, prompt by prompt.</param>
    /// <param name="owners">The prompt of each, from 0 within this micro-batch.</param>
    /// <param name="rows">Their rewards and advantages.</param>
    public ObjectiveInput Score(int step, PromptBatch batch, IReadOnlyList<StepQuestion> questions, IReadOnlyList<int[]> tokens, int[] owners, Trajectories rows)
    {
        Tensor clean_NT = TeacherForcing.LogProbs(model.Network, batch.Prompts, batch.Encode(model.Network), tokens, owners, temperature, rows.Length);
        var input = new ObjectiveInput(rows, clean_NT);
        int views = questions.Max(question => question.Views.Count);
        if (settings is { LambdaKl: 0, LambdaPg: 0 })
            return input;
        if (views == 0) // a micro-batch of questions without views
            return input with { Views_KNT = settings.LambdaKl == 0 ? null : Anchored(clean_NT.detach().unsqueeze(0)), Auxiliary_NT = settings.LambdaPg == 0 ? null : clean_NT.detach() };

        Tensor? all_KNT = settings.LambdaKl != 0 && settings.WorstCase.NeedsAllViews ? All() : null;
        var worst = new Lazy<int[]>(() => views == 1 ? new int[owners.Length] : _objective.SelectWorst(rows, clean_NT.detach(), all_KNT?.detach() ?? Unrecorded()).View);
        Tensor? selected_NT = settings.LambdaKl != 0 && all_KNT is null ? View(worst.Value) : null;
        return input with
        {
            Views_KNT = (all_KNT ?? selected_NT?.unsqueeze(0)) is { } views_KNT ? Anchored(views_KNT) : null,
            Auxiliary_NT = settings.LambdaPg == 0 ? null : Auxiliary(settings.View == AuxiliaryView.Worst || views == 1 ? worst.Value : Drawn()),
        };

        // With a joint anchor the gradient of a divergence of nothing must cancel, as it would not against a constant (k1).
        Tensor Anchored(Tensor views_KNT)
        {
            long[] without = [.. Enumerable.Range(0, owners.Length).Where(i => questions[owners[i]].Views.Count == 0).Select(i => (long)i)];
            if (settings.Anchor == Anchor.Clean || without.Length == 0)
                return views_KNT;
            Tensor index = tensor(without, device: clean_NT.device);
            return views_KNT.index_copy(1, index, clean_NT.index_select(0, index).unsqueeze(0).expand(views_KNT.size(0), -1, -1));
        }

        Tensor Auxiliary(int[] choice) => all_KNT is not null ? WorstViews.Gather(all_KNT, choice)
            : selected_NT is not null && choice.SequenceEqual(worst.Value) ? selected_NT : View(choice);

        // A view for each response, by its question's place in the step and its own in the group: it does not depend on how the step is cut.
        int[] Drawn() => [.. owners.Select((owner, i) => CounterRandom.Of(seed, "auxiliary", step, rows.Group[i], i - Array.IndexOf(owners, owner)).Integer(0, views))];

        Tensor All() => stack(Enumerable.Range(0, views).Select(k => View([.. owners.Select(_ => k)])));

        Tensor Unrecorded()
        {
            using IDisposable _ = no_grad();
            return All();
        }

        // Log-probabilities of each response on a view of its own choice: one prefix for each (prompt, view) that is chosen at all. A response whose question has no view keeps those of
        // the loss view as constants: its divergence is 0 and its surrogate has no gradient.
        Tensor View(int[] choice)
        {
            int[] order = [.. Enumerable.Range(0, owners.Length).Where(i => questions[owners[i]].Views.Count > 0).OrderBy(i => owners[i]).ThenBy(i => choice[i])];
            (int Prompt, int View)[] chosen = [.. order.Select(i => (owners[i], choice[i])).Distinct()];
            PromptBatch prompts = PromptBatch.Of(model, [.. chosen.Select(c => batch.Prompts[c.Prompt])], [.. chosen.Select(c => questions[c.Prompt].Pictures[c.View])]);
            int at = 0;
            int[] prefix = [.. order.Select(i => chosen[at] == (owners[i], choice[i]) ? at : ++at)];
            Tensor scored_MT = TeacherForcing.LogProbs(model.Network, prompts.Prompts, prompts.Encode(model.Network), [.. order.Select(i => tokens[i])], prefix, temperature, rows.Length);
            return order.Length == owners.Length && order.Select((row, i) => row == i).All(same => same)
                ? scored_MT : clean_NT.detach().index_copy(0, tensor(Array.ConvertAll(order, row => (long)row), device: scored_MT.device), scored_MT);
        }
    }
}
