using Roma.Core;
using Roma.Models;
using Roma.Models.Lora;
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
/// <param name="reference">The reference policy; null where its KL has no coefficient.</param>
public sealed class DualForward(VisionLanguageModel model, ObjectiveSettings settings, double temperature, ulong seed, VisionLanguageModel? reference = null)
{
    private readonly Objective _objective = new(settings);
    private readonly bool _full = settings.NeedsViewDivergence && settings.Estimator.NeedsDistributions;

    /// <summary>Scores a micro-batch.</summary>
    /// <param name="experience">The micro-batch; those of its questions that have views have the same number of them.</param>
    public ObjectiveInput Score(Experience experience) => Score(experience, lossViewAlone: false);

    /// <summary>What is compared with after updates: the log-probabilities on the loss view, without gradient, of the same responses that <see cref="Score(Experience)"/> scores.</summary>
    /// <param name="experience">The micro-batch.</param>
    /// <returns>[N, T], zero where a response is not scored.</returns>
    public Tensor LogProbs(Experience experience) => Constant(() => Score(experience, lossViewAlone: true).LogProbs_NT);

    private ObjectiveInput Score(Experience experience, bool lossViewAlone)
    {
        (int step, PromptBatch batch, IReadOnlyList<StepQuestion> questions, IReadOnlyList<int[]> tokens, int[] owners, Trajectories rows) = experience;
        int views = questions.Max(question => question.Views.Count);
        bool[] viewed = [.. _objective.LearnsFromViews(rows).Select((learns, i) => learns && questions[owners[i]].Views.Count > 0)];
        bool[] selecting = settings.WorstBy == WorstBy.Prompt && views > 1 && !(settings.LambdaKl != 0 && settings.WorstCase.NeedsAllViews) ? Selecting() : viewed;
        (Tensor clean_NT, ResponseRows? clean) = Clean();
        var input = new ObjectiveInput(rows, clean_NT) { Old_NT = experience.Old_NT };
        if (lossViewAlone)
            return input;
        input = Reference(input, clean, batch, tokens, owners);
        if (settings is { LambdaKl: 0, LambdaPg: 0 })
            return input;
        if (!viewed.Contains(true))
        {
            Tensor own_KNT = Anchored(clean_NT.detach().unsqueeze(0));
            return input with
            {
                Views_KNT = settings.LambdaKl == 0 ? null : own_KNT,
                ViewDivergence_KNT = _full && settings.LambdaKl != 0 ? zeros_like(own_KNT) : null,
                Auxiliary_NT = settings.LambdaPg == 0 ? null : clean_NT.detach(),
                HasAuxiliary = new bool[owners.Length],
            };
        }
        ResponseRows? anchor = settings.Anchor == Anchor.Clean ? clean?.Detach() : clean;
        Scores? all = settings.LambdaKl != 0 && settings.WorstCase.NeedsAllViews ? All() : null;
        var worst = new Lazy<int[]>(() => views == 1 ? new int[owners.Length] : Worst(all ?? Constant(() => All(toSelect: true))));
        Scores? selected = settings.LambdaKl != 0 && all is null ? View(worst.Value) : null;
        Scores? seen = all ?? selected;
        return input with
        {
            Views_KNT = seen is null ? null : Anchored(seen.LogProbs_KNT),
            ViewDivergence_KNT = seen?.Divergence_KNT,
            HasAuxiliary = [.. owners.Select(owner => questions[owner].Views.Count > 0)],
            Auxiliary_NT = settings.LambdaPg == 0 ? null : Auxiliary(settings.View == AuxiliaryView.Worst || views == 1 ? worst.Value : Drawn()),
        };

        // Responses without gradient are scored as constants where something is compared with them, else not at all. Functions of whole distributions are made of all responses at once.
        (Tensor, ResponseRows?) Clean()
        {
            bool whole = settings.NeedsDistributions || reference is not null;
            bool[] learning = _objective.LearnsFrom(rows);
            int[] recorded = Where(i => whole || learning[i]), constant = Where(i => !whole && !learning[i] && (viewed[i] || selecting[i]));
            Tensor values_NT = zeros(rows.Count, rows.Length, device: model.Network.Device);
            ResponseRows? scored = recorded.Length == 0 ? null : On(batch, recorded);
            if (scored is not null)
                values_NT = Placed(scored.LogProbs(), recorded, values_NT);
            if (constant.Length > 0)
                values_NT = Placed(Constant(() => On(batch, constant).LogProbs()), constant, values_NT);
            return (values_NT, scored);
        }

        // Which responses choose the view of their prompt: all that are in the step, or the first few where only those are asked for.
        bool[] Selecting() => [.. owners.Select((owner, i) => rows.Scorable[i] && viewed.Where((_, j) => owners[j] == owner).Contains(true)
            && !(Enumerable.Range(0, i).Count(j => owners[j] == owner && rows.Scorable[j]) >= settings.SelectOn))];

        int[] Where(Func<int, bool> condition) => [.. Enumerable.Range(0, owners.Length).Where(condition)];

        // Some responses on the pictures of a batch of the same prompts.
        ResponseRows On(PromptBatch of, int[] responses)
        {
            int[] prompts = [.. responses.Select(i => owners[i]).Distinct()];
            PromptBatch taken = of.Take(prompts);
            return TeacherForcing.Rows(model.Network, taken.Prompts, taken.Encode(model.Network), [.. responses.Select(i => tokens[i])], [.. responses.Select(i => Array.IndexOf(prompts, owners[i]))], temperature, rows.Length,
                Keys(taken, batch, owners, responses));
        }

        int[] Worst(Scores scores)
        {
            WorstViews each = _objective.SelectWorst(rows, clean_NT.detach(), (scores.Divergence_KNT ?? scores.LogProbs_KNT).detach());
            return settings.WorstBy == WorstBy.Prompt ? each.Shared(owners).View : each.View;
        }

        // With a joint anchor the gradient of a divergence of nothing must cancel, as it would not against a constant (k1).
        Tensor Anchored(Tensor views_KNT)
        {
            long[] without = [.. Enumerable.Range(0, owners.Length).Where(i => questions[owners[i]].Views.Count == 0).Select(i => (long)i)];
            if (settings.Anchor == Anchor.Clean || without.Length == 0)
                return views_KNT;
            Tensor index = tensor(without, device: clean_NT.device);
            return views_KNT.index_copy(1, index, clean_NT.index_select(0, index).unsqueeze(0).expand(views_KNT.size(0), -1, -1));
        }

        Tensor Auxiliary(int[] choice) => all is not null ? WorstViews.Gather(all.LogProbs_KNT, choice)
            : selected is not null && choice.SequenceEqual(worst.Value) ? selected.LogProbs_KNT[0] : View(choice).LogProbs_KNT[0];

        // A view for each response, by its question's place in the step and its own in the group: it does not depend on how the step is cut.
        int[] Drawn() => [.. owners.Select((owner, i) => CounterRandom.Of(seed, "auxiliary", step, rows.Group[i], i - Array.IndexOf(owners, owner)).Integer(0, views))];

        Scores All(bool toSelect = false)
        {
            Scores[] each = [.. Enumerable.Range(0, views).Select(k => View([.. owners.Select(_ => k)], toSelect))];
            return new(cat(each.Select(scores => scores.LogProbs_KNT).ToArray(), 0), _full ? cat(each.Select(scores => scores.Divergence_KNT!).ToArray(), 0) : null);
        }

        // Each response on a view of its own choice: one prefix for each (prompt, view) that is chosen at all. A response that learns nothing from its view keeps the log-probabilities of the loss view
        // as constants: its divergence is 0 and its surrogate has no gradient.
        Scores View(int[] choice, bool toSelect = false)
        {
            int[] order = [.. Where(i => (toSelect ? selecting : viewed)[i]).OrderBy(i => owners[i]).ThenBy(i => choice[i])];
            (int Prompt, int View)[] chosen = [.. order.Select(i => (owners[i], choice[i])).Distinct()];
            PromptBatch prompts = PromptBatch.Of(model, [.. chosen.Select(c => batch.Prompts[c.Prompt])], [.. chosen.Select(c => questions[c.Prompt].Pictures[c.View])]) with { Dropout = batch.Dropout is { } keys ? [.. chosen.Select(c => keys[c.Prompt])] : null };
            int at = 0;
            int[] prefix = [.. order.Select(i => chosen[at] == (owners[i], choice[i]) ? at : ++at)];
            ResponseRows scored = TeacherForcing.Rows(model.Network, prompts.Prompts, prompts.Encode(model.Network), [.. order.Select(i => tokens[i])], prefix, temperature, rows.Length,
                Keys(prompts, batch, owners, order));
            Tensor? divergence_MT = _full && (toSelect || settings.LambdaKl != 0) ? anchor!.Take(order).Over(scored, settings.Estimator.Divergence) : null;
            return new(Placed(scored.LogProbs(), order, clean_NT.detach()).unsqueeze(0), divergence_MT is null ? null : Placed(divergence_MT, order, zeros_like(clean_NT)).unsqueeze(0));
        }

        Tensor Placed(Tensor values_MT, int[] order, Tensor others_NT) => order.Length == owners.Length && order.Select((row, i) => row == i).All(same => same)
            ? values_MT : others_NT.index_copy(0, tensor(Array.ConvertAll(order, row => (long)row), device: values_MT.device), values_MT);
    }

    private static T Constant<T>(Func<T> compute)
    {
        using IDisposable _ = no_grad();
        return compute();
    }

    /// <summary>Every view drops what the clean one drops, token by token: a divergence is that of the pictures.</summary>
    private static DropoutKeys? Keys(PromptBatch batch, PromptBatch step, int[] owners, IReadOnlyList<int> order) => batch.Dropout is null ? null
        : new(batch.Dropout, [.. order.Select(i => DropoutKeys.OfResponse(step.Dropout![owners[i]], i - Array.IndexOf(owners, owners[i])))]);

    /// <summary>What the terms beside the surrogate need: entropies, and the reference policy's scores.</summary>
    private ObjectiveInput Reference(ObjectiveInput input, ResponseRows? clean, PromptBatch batch, IReadOnlyList<int[]> tokens, int[] owners)
    {
        if (settings.Policy.Entropy != 0)
            input = input with { Entropy_NT = clean!.Over(TokenEntropy.Of) };
        if (reference is null)
            return input;
        ResponseRows other;
        using (no_grad())
            other = TeacherForcing.Rows(reference.Network, batch.Prompts, (batch with { Features = null, Dropout = null }).Encode(reference.Network), tokens, owners, temperature, input.Trajectories.Length).Detach();
        IKlEstimator estimator = settings.Policy.ReferenceEstimator;
        return estimator.NeedsDistributions
            ? input with { ReferenceDivergence_NT = clean!.Over(other, estimator.Divergence) }
            : input with { Reference_NT = other.LogProbs().detach() };
    }

    /// <summary>Scores on one or more corrupted views.</summary>
    private sealed record Scores(Tensor LogProbs_KNT, Tensor? Divergence_KNT);
}
