using Roma.Models;
using Roma.Models.Lora;
using Roma.Tests.Training.Runs;
using Roma.Training;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Rollouts;
using Roma.Training.Scoring;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Scoring;

[Collection(nameof(TinyRuns))]
public class DualForwardTests : IDisposable
{
    private const int Views = TinyStep.Views, Step = TinyStep.Step;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly VisionLanguageModel _model;
    private readonly TrainingSettings _settings;
    private readonly StepBatch _batch;
    private readonly PromptBatch _prompts;
    private readonly StepRollouts _rollouts;

    public DualForwardTests(TinyRuns runs)
    {
        var step = new TinyStep(runs);
        (_model, _settings, _batch, _prompts, _rollouts) = (step.Model, step.Settings, step.Batch, step.Prompts, step.Rollouts);
    }

    [Theory]
    [InlineData(AuxiliaryView.Worst)]
    [InlineData(AuxiliaryView.Random)]
    public void The_selected_view_scored_again_equals_its_row_of_all_views(AuxiliaryView view)
    {
        ObjectiveInput all = Score(new RomaMethod(Views, WorstCase: new TokenWorstCase(), View: view, Gate: Gate.None)), selected = Score(new RomaMethod(Views, View: view, Gate: Gate.None));
        Assert.Equal([Views, _rollouts.Owners.Length, _rollouts.Trajectories.Length], all.Views_KNT!.shape);
        Assert.Equal(1, selected.Views_KNT!.shape[0]);
        int[] worst = new Objective(new RomaMethod(Views).Objective).SelectWorst(_rollouts.Trajectories, all.LogProbs_NT, all.Views_KNT).View;
        Assert.Equal(Views, worst.Distinct().Count());
        AssertClose(WorstViews.Gather(all.Views_KNT, worst), selected.Views_KNT[0]);
        AssertClose(all.Auxiliary_NT!, selected.Auxiliary_NT!);
        Assert.Equal(view == AuxiliaryView.Worst, (selected.Auxiliary_NT! - selected.Views_KNT[0]).abs().max().item<float>() < 1e-5);
    }

    [Fact]
    public void The_worst_view_does_not_depend_on_the_weight_of_its_divergence()
    {
        foreach (IKlEstimator estimator in new IKlEstimator[] { new K1Estimator(), new FullKlEstimator() })
        {
            ObjectiveInput with = Score(new RomaMethod(Views, Estimator: estimator, Gate: Gate.None)), without = Score(new RomaMethod(Views, LambdaKl: 0, Estimator: estimator));
            Assert.Null(without.ViewDivergence_KNT);
            AssertClose(with.Auxiliary_NT!, without.Auxiliary_NT!);
        }
    }

    [Fact]
    public void The_rerun_gives_the_gradient_of_the_gather()
    {
        double[] gathered = Gradient(Score(new RomaMethod(Views, WorstCase: new TokenWorstCase(), Gate: Gate.None)) is var all
            ? WorstViews.Gather(all.Views_KNT!, new Objective(new RomaMethod(Views).Objective).SelectWorst(_rollouts.Trajectories, all.LogProbs_NT, all.Views_KNT!).View) : null!);
        double[] rerun = Gradient(Score(new RomaMethod(Views, Gate: Gate.None)).Views_KNT![0]);
        double largest = gathered.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.InRange(gathered.Zip(rerun).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-5 * largest);
    }

    [Fact]
    public void Scores_of_a_view_are_those_of_its_pictures()
    {
        ObjectiveInput all = Score(new RomaMethod(Views, WorstCase: new MeanWorstCase(), Gate: Gate.None));
        for (int k = 0; k < Views; k++)
        {
            PromptBatch batch = PromptBatch.Of(_model, _prompts.Prompts, [.. _batch.Questions.Select(question => question.Pictures[k])]);
            AssertClose(Roma.Models.Scoring.TeacherForcing.LogProbs(_model.Network, batch.Prompts, batch.Encode(_model.Network), _rollouts.Tokens, width: _rollouts.Trajectories.Length), all.Views_KNT![k]);
        }
    }

    [Theory]
    [InlineData(Anchor.Clean)]
    [InlineData(Anchor.Joint)]
    public void A_question_without_views_adds_nothing_to_divergence_and_surrogate_gradient(Anchor anchor)
    {
        // Its responses are scored among others with views and alone.
        foreach (IKlEstimator estimator in new IKlEstimator[] { new K1Estimator(), new K2Estimator(), new K3Estimator() })
        {
            ObjectiveSettings settings = new RomaMethod(Views, Anchor: anchor, Estimator: estimator, Gate: Gate.None).Objective with { LambdaClean = 0 };
            double surrogate = 0;
            double[] Of(Func<int, bool> viewed)
            {
                StepQuestion[] questions = [.. _batch.Questions.Select((question, i) => viewed(i) ? question : question with { Views = [], Pictures = [] })];
                ObjectiveInput input = new DualForward(_model, settings, _settings.Temperature, _settings.Seed).Score(new(Step, _prompts, questions, _rollouts.Tokens, _rollouts.Owners, _rollouts.Trajectories));
                var objective = new Objective(settings);
                ObjectiveResult result = objective.Compute(input, objective.DenominatorsOf(_rollouts.Trajectories));
                surrogate = result.Terms["pg"];
                return Gradient(result.Loss);
            }
            double[] none = Of(_ => false);
            Assert.Equal(0, surrogate);
            double[] even = Of(i => i % 2 == 0), odd = [];
            double sum = surrogate;
            odd = Of(i => i % 2 == 1);
            sum += surrogate;
            double[] all = Of(_ => true);
            Assert.Equal(surrogate, sum, 1e-6);
            double largest = all.Max(Math.Abs);
            Assert.True(largest > 1e-4);
            Assert.True(even.Max(Math.Abs) > 1e-4);
            Assert.All(none, gradient => Assert.InRange(Math.Abs(gradient), 0, 1e-6 * largest));
            Assert.InRange(all.Select((gradient, i) => Math.Abs(gradient - even[i] - odd[i])).Max(), 0, 1e-5 * largest);
        }
    }

    [Theory]
    [InlineData("grpo")]
    [InlineData("roma")]
    [InlineData("roma, both ends")]
    [InlineData("roma, every view")]
    [InlineData("roma, a prompt's worst view")]
    [InlineData("roma, a prompt's worst view by two responses")]
    [InlineData("filtered_views")]
    public void Leaving_out_what_has_no_gradient_changes_no_gradient(string name)
    {
        IMethod method = name switch
        {
            "grpo" => new GrpoMethod(),
            "roma" => new RomaMethod(Views),
            "roma, both ends" => new RomaMethod(Views, Anchor: Anchor.Joint),
            "roma, every view" => new RomaMethod(Views, WorstCase: new MeanWorstCase()),
            "roma, a prompt's worst view" => new RomaMethod(Views, WorstBy: WorstBy.Prompt),
            "roma, a prompt's worst view by two responses" => new RomaMethod(Views, WorstBy: WorstBy.Prompt, SelectOn: 2),
            _ => new FilteredViewsMethod(1),
        };
        // Groups that are all right, all wrong, and mixed, where wrong ones may have no advantage; one response cannot be scored.
        double[] accuracy = [.. _rollouts.Owners.Select((owner, i) => (owner % 3) switch { 0 => 1.0, 1 => 0.0, _ => i % 4 == 1 ? 1 : 0 })];
        double[] reward = [.. accuracy.Select((value, i) => _rollouts.Owners[i] % 3 == 2 && i % 4 is (0 or 3) ? 0.5 : value)];
        Trajectories rows = new(_rollouts.Owners, reward, accuracy, [.. accuracy.Select((_, i) => i != 0)], _rollouts.Trajectories.Mask);
        rows = rows with { Advantage = new GrpoAdvantage().Compute(rows) };
        var objective = new Objective(method.Objective);
        Assert.Equal(method is GrpoMethod, !objective.LearnsFromViews(rows).Contains(true));
        Assert.Contains(false, objective.LearnsFrom(rows));

        StepQuestion[] questions = [.. _batch.Questions.Select(question => question with { Views = [.. question.Views.Take(method.Views)] })];
        ObjectiveInput input = new DualForward(_model, method.Objective, _settings.Temperature, _settings.Seed).Score(new(Step, _prompts, questions, _rollouts.Tokens, _rollouts.Owners, rows));
        ObjectiveResult found = objective.Compute(input, objective.DenominatorsOf(rows));
        double[] gradient = Gradient(found.Loss);

        Tensor clean_NT = All(_prompts), views_KNT = stack(Enumerable.Range(0, method.Views).Select(k => All(PromptBatch.Of(_model, _prompts.Prompts, [.. _batch.Questions.Select(question => question.Pictures[k])]))).DefaultIfEmpty(clean_NT));
        input = new(rows, clean_NT) { Views_KNT = method.Objective.LambdaKl == 0 ? null : views_KNT };
        if (method.Objective.LambdaPg != 0)
        {
            WorstViews each = objective.SelectWorst(rows, clean_NT, views_KNT);
            int[] worst = method.Objective.WorstBy == WorstBy.Trajectory ? each.View : [.. _rollouts.Owners.Select(owner => Enumerable.Range(0, Views).MaxBy(k =>
                Enumerable.Range(0, rows.Count).Where(i => _rollouts.Owners[i] == owner && rows.Scorable[i]).Take(method.Objective.SelectOn ?? rows.Count).Sum(i => each.MeanDivergence[k, i])))];
            input = input with { Auxiliary_NT = WorstViews.Gather(views_KNT, worst) };
            if (method.Objective.WorstBy == WorstBy.Prompt)
                input = input with { Views_KNT = input.Auxiliary_NT.unsqueeze(0) };
        }
        ObjectiveResult expected = objective.Compute(input, objective.DenominatorsOf(rows));
        double[] expectedGradient = Gradient(expected.Loss);

        Assert.Equal(expected.Terms.Keys, found.Terms.Keys);
        Assert.All(expected.Terms, term => Assert.Equal(term.Value, found.Terms[term.Key], 1e-6));
        double largest = expectedGradient.Max(Math.Abs);
        Assert.True(largest > 1e-4);
        Assert.InRange(expectedGradient.Zip(gradient).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-5 * largest);

        Tensor All(PromptBatch batch) => Roma.Models.Scoring.TeacherForcing.LogProbs(_model.Network, batch.Prompts, batch.Encode(_model.Network), _rollouts.Tokens, width: _rollouts.Trajectories.Length);
    }

    [Fact]
    public void Every_view_drops_what_the_clean_one_drops_and_another_step_something_else()
    {
        using VisionLanguageModel model = VisionLanguageModel.Load(_model.Directory);
        LoraAdapter adapter = LoraAdapter.Create(model, new(rank: 4, alpha: 8, targets: ["q_proj", "o_proj", "down_proj", "qkv"], dropout: 0.4), seed: 1);
        using (no_grad())
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in adapter.Parameters.Where(p => p.Name.Contains("lora_B")))
                parameter.fill_(0.1f);
        StepQuestion[] same = [.. _batch.Questions.Select(question => question with { Pictures = [.. question.Views.Select(_ => question.Sample.Images)] })];
        ObjectiveInput first = Score(Step), again = Score(Step), later = Score(Step + 1);
        Assert.Equal(Views, first.Views_KNT!.shape[0]);
        for (int k = 0; k < Views; k++)
            AssertClose(first.LogProbs_NT, first.Views_KNT[k]);
        Assert.True(first.LogProbs_NT.equal(again.LogProbs_NT).all().item<bool>());
        Assert.True((first.LogProbs_NT - later.LogProbs_NT).abs().max().item<float>() > 1e-3);

        ObjectiveInput Score(int step) => new DualForward(model, new RomaMethod(Views, WorstCase: new MeanWorstCase()).Objective, _settings.Temperature, _settings.Seed)
            .Score(new(step, _prompts.WithDropout(_settings.Seed, step), same, _rollouts.Tokens, _rollouts.Owners, _rollouts.Trajectories));
    }

    [Fact]
    public void Prompts_of_several_batches_joined_keep_what_was_encoded()
    {
        using IDisposable _ = no_grad();
        PromptBatch encoded = _prompts with { Features = _prompts.Encode(_model.Network) }, joined = PromptBatch.Join([(encoded, [4, 1]), (encoded, [5])]);
        PromptBatch expected = PromptBatch.Of(_model, joined.Prompts, [.. new[] { 4, 1, 5 }.Select(p => _batch.Questions[p].Sample.Images)]);
        Assert.Equal([.. new[] { 4, 1, 5 }.Select(p => _prompts.Prompts[p])], joined.Prompts);
        Assert.Equal([0, 1, 2, 3], joined.FirstPicture);
        Assert.True(expected.Patches_PC!.equal(joined.Patches_PC!).all().item<bool>());
        AssertClose(expected.Encode(_model.Network)!.Merged_MH, joined.Features!.Merged_MH);
        Assert.Null(PromptBatch.Join([(encoded, [0]), (_prompts, [1])]).Features);
    }

    [Fact]
    public void A_whole_divergence_from_a_clean_anchor_moves_the_view_alone()
    {
        double[] found = Of(Anchor.Clean), joint = Of(Anchor.Joint), expected = Gradient(stack(Enumerable.Range(0, Views).Select(k => ByHand(Rows(_prompts), Rows(On(k))))));
        double largest = expected.Max(Math.Abs);
        Assert.True(largest > 1e-4);
        Assert.InRange(expected.Zip(found).Max(pair => Math.Abs(pair.First - pair.Second)), 0, 1e-5 * largest);
        Assert.True(expected.Zip(joint).Max(pair => Math.Abs(pair.First - pair.Second)) > 0.1 * largest);

        double[] Of(Anchor anchor) => Gradient(Score(new RomaMethod(Views, WorstCase: new MeanWorstCase(), Anchor: anchor, Estimator: new FullKlEstimator(), Gate: Gate.None)).ViewDivergence_KNT!);
        PromptBatch On(int k) => PromptBatch.Of(_model, _prompts.Prompts, [.. _batch.Questions.Select(question => question.Pictures[k])]);
        Roma.Models.Scoring.ResponseRows Rows(PromptBatch batch) => Roma.Models.Scoring.TeacherForcing.Rows(_model.Network, batch.Prompts, batch.Encode(_model.Network), _rollouts.Tokens);
        static Tensor ByHand(Roma.Models.Scoring.ResponseRows clean, Roma.Models.Scoring.ResponseRows view) => clean.Over(view, (p, q) => (p.detach().exp() * (p.detach() - q)).sum(-1));
    }

    [Fact]
    public void A_policy_is_its_own_reference_at_any_temperature()
    {
        ObjectiveInput Of(IKlEstimator estimator) => new DualForward(_model, new GrpoMethod(new(Beta: 0.1, ReferenceEstimator: estimator)).Objective, 2, _settings.Seed, _model)
            .Score(new(Step, _prompts, _batch.Questions, _rollouts.Tokens, _rollouts.Owners, _rollouts.Trajectories));
        ObjectiveInput tokens = Of(new K3Estimator());
        AssertClose(tokens.LogProbs_NT, tokens.Reference_NT!);
        Assert.InRange(Of(new FullKlEstimator()).ReferenceDivergence_NT!.abs().max().item<float>(), 0, 1e-5);
    }

    [Fact]
    public void Nothing_is_scored_that_no_term_asks_for()
    {
        ObjectiveInput clean = Score(new RomaMethod(Views, LambdaKl: 0, LambdaPg: 0)), divergence = Score(new RomaMethod(Views, LambdaPg: 0)), auxiliary = Score(new FilteredViewsMethod(Views));
        Assert.Equal((null, null), (clean.Views_KNT, clean.Auxiliary_NT));
        Assert.Null(divergence.Auxiliary_NT);
        Assert.Null(auxiliary.Views_KNT);
        Assert.NotNull(auxiliary.Auxiliary_NT);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _model.Dispose();
    }

    private ObjectiveInput Score(IMethod method) =>
        new DualForward(_model, method.Objective, _settings.Temperature, _settings.Seed).Score(new(Step, _prompts, _batch.Questions, _rollouts.Tokens, _rollouts.Owners, _rollouts.Trajectories));

    private double[] Gradient(Tensor value_NT)
    {
        foreach (var parameter in _model.Network.parameters())
            parameter.grad = null;
        if (value_NT.requires_grad)
            value_NT.sum().backward();
        return [.. _model.Network.parameters().SelectMany(parameter => parameter.grad?.data<float>().ToArray() ?? new float[parameter.numel()]).Select(x => (double)x)];
    }

    private static void AssertClose(Tensor expected, Tensor actual) => Assert.InRange((expected - actual).abs().max().item<float>(), 0, 1e-5);
}
