using Roma.Models;
using Roma.Models.Scoring;
using Roma.Tests.Training.Losses;
using Roma.Tests.Training.Runs;
using Roma.Training.Advantages;
using Roma.Training.Data;
using Roma.Training.Losses;
using Roma.Training.Methods;
using Roma.Training.Scoring;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Roma.Tests.Training.Scoring;

[Collection(nameof(TinyRuns))]
public sealed class DualForwardDifferenceTests(TinyRuns runs) : IDisposable
{
    private const int K = TinyStep.Views;
    private const float Size = 1e-3f;
    private static readonly double[] Ratios = [0.5, 1.1, 4.1, 0.93, 1.7];
    private static readonly PolicySettings Every = new(Beta: 0.3, ReferenceEstimator: new FullKlEstimator(), Entropy: 0.3);
    private static readonly Dictionary<string, ObjectiveSettings> Settings = new()
    {
        ["the worst view selected, then run again"] = new RomaMethod(K).Objective,
        ["no gate, another auxiliary view, both ends"] = new RomaMethod(K, Anchor: Anchor.Joint, Gate: Gate.None, View: AuxiliaryView.Random).Objective,
        ["half of the prompts have views"] = new RomaMethod(K, Gate: Gate.None).Objective,
        ["half of the prompts have views, filtered"] = new FilteredViewsMethod(K).Objective,
        ["full at every view, full reference, entropy"] = new RomaMethod(K, Estimator: new FullKlEstimator(), WorstCase: new MeanWorstCase(), Policy: Every).Objective,
        ["gspo, reference"] = new RomaMethod(K, Policy: new(new GspoLoss(), Beta: 0.3)).Objective,
        ["auxiliary gradient alone"] = new() { LambdaClean = 0, LambdaPg = 1, View = AuxiliaryView.Random },
        ["divergence alone"] = Divergence,
        ["divergence alone, both ends"] = Divergence with { Anchor = Anchor.Joint },
        ["half of the prompts have views, divergence alone, k1, both ends"] = Divergence with { Anchor = Anchor.Joint, Estimator = new K1Estimator(), WorstCase = new MeanWorstCase() },
        ["divergence alone, full"] = Divergence with { Estimator = new FullKlEstimator() },
        ["divergence alone, full, both ends"] = Divergence with { Estimator = new FullKlEstimator(), Anchor = Anchor.Joint },
        ["half of the prompts have views, divergence alone, full, both ends"] = Divergence with { Estimator = new FullKlEstimator(), Anchor = Anchor.Joint },
    };

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly TinyStep _step = new(runs);

    public static TheoryData<string> Cases => [.. Settings.Keys];

    private static ObjectiveSettings Divergence => new() { LambdaClean = 0, LambdaKl = 1, Gate = Gate.None };

    // Rounding in float32 is about 1e-7 of the loss over the step of 1e-3. Largest error seen: 1 % of the gradient's norm, where a divergence close to its least value curves; a path of the gradient left out costs more.
    [Theory]
    [MemberData(nameof(Cases))]
    public void A_step_along_a_random_direction_of_the_weights_changes_the_loss_by_its_slope(string name)
    {
        ObjectiveSettings settings = Settings[name];
        using VisionLanguageModel? reference = settings.Policy.Beta > 0 ? VisionLanguageModel.Load(runs.Untrained) : null;
        StepQuestion[] questions = [.. _step.Batch.Questions.Select((question, i) => i % 2 == 0 || !name.StartsWith("half", StringComparison.Ordinal) ? question : question with { Views = [], Pictures = [] })];
        Trajectories rows = Rows();
        var tokens = new int[rows.Count, rows.Length];
        var old = new double[rows.Count, rows.Length];
        double[,,,] held = Scores(_step.Model);
        for (int i = 0; i < rows.Count; i++)
            for (int t = 0; t < _step.Rollouts.Tokens[i].Length; t++)
            {
                tokens[i, t] = _step.Rollouts.Tokens[i][t];
                old[i, t] = held[0, i, t, tokens[i, t]] - Math.Log(Ratios[(i + t) % Ratios.Length]);
            }

        var objective = new Objective(settings);
        ObjectiveInput input = new DualForward(_step.Model, settings, _step.Settings.Temperature, _step.Settings.Seed, reference)
            .Score(new(TinyStep.Step, _step.Prompts, questions, _step.Rollouts.Tokens, _step.Rollouts.Owners, rows) { Old_NT = tensor(old).to(float32) });
        ObjectiveResult result = objective.Compute(input, objective.DenominatorsOf(rows));
        result.Loss.backward();

        float[] auxiliary = (input.Auxiliary_NT ?? input.LogProbs_NT)[TensorIndex.Colon, 0].detach().data<float>().ToArray();
        var hand = new ObjectiveByHand(settings, rows, tokens, old)
        {
            Drawn = [.. auxiliary.Select((l, i) => Enumerable.Range(0, K).MinBy(k => Math.Abs(held[1 + k, i, 0, tokens[i, 0]] - l)))],
            Viewed = [.. _step.Rollouts.Owners.Select(owner => questions[owner].Views.Count > 0)],
            Reference = reference is null ? null : Clean(Scores(reference)),
        };
        if (settings is { View: AuxiliaryView.Random, Gate: Gate.None, LambdaPg: > 0 })
            Assert.Contains(Enumerable.Range(0, rows.Count).Where(i => rows.Scorable[i]), i => hand.Drawn[i] != hand.Worst(i, held));
        Assert.Equal(hand.Compute(held, held)["total"], result.Loss.item<float>(), 1e-5);

        using IDisposable _ = no_grad();
        Parameter[] weights = [.. _step.Model.Network.parameters()];
        double norm = Math.Sqrt(weights.Sum(weight => weight.grad is { } gradient ? gradient.square().sum().item<float>() : 0.0));
        for (int draw = 0; draw < 2; draw++)
        {
            var random = new Generator((ulong)draw);
            Tensor[] direction = [.. weights.Select(weight => randn(weight.shape, generator: random))];
            double expected = weights.Zip(direction).Sum(pair => pair.First.grad is { } gradient ? (gradient * pair.Second).sum().item<float>() : 0.0);
            double Moved(float by)
            {
                foreach ((Parameter weight, Tensor along) in weights.Zip(direction))
                    weight.add_(along, by);
                return hand.Compute(Scores(_step.Model), held)["total"];
            }
            double forward = Moved(Size), slope = (forward - Moved(-2 * Size)) / (2 * Size);
            Moved(Size);
            Assert.Equal(slope, expected, 2e-2 * norm);
        }
    }

    public void Dispose()
    {
        _step.Dispose();
        _scope.Dispose();
    }

    /// <summary>Groups that are all right, all wrong, and mixed; one response cannot be scored.</summary>
    private Trajectories Rows()
    {
        double[] accuracy = [.. _step.Rollouts.Owners.Select((owner, i) => (owner % 3) switch { 0 => 1.0, 1 => 0.0, _ => i % 4 == 1 ? 1 : 0 })];
        double[] reward = [.. accuracy.Select((value, i) => _step.Rollouts.Owners[i] % 3 == 2 || i == 1 ? value - 0.3 * (i % 3) : value)];
        Trajectories rows = new(_step.Rollouts.Owners, reward, accuracy, [.. accuracy.Select((_, i) => i != 0)], _step.Rollouts.Trajectories.Mask);
        return rows with { Advantage = new GrpoAdvantage().Compute(rows) };
    }

    /// <summary>The distributions of all responses on the clean pictures and on each view, [1 + K, N, T, V].</summary>
    private double[,,,] Scores(VisionLanguageModel model)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        double[,,,]? scores = null;
        for (int view = 0; view <= K; view++)
        {
            PromptBatch batch = view == 0 ? _step.Prompts : PromptBatch.Of(model, _step.Prompts.Prompts, [.. _step.Batch.Questions.Select(question => question.Pictures[view - 1])]);
            Tensor hidden = TeacherForcing.Rows(model.Network, batch.Prompts, batch.Encode(model.Network), _step.Rollouts.Tokens, _step.Rollouts.Owners).Hidden_MH;
            Tensor logP = (hidden.matmul(model.Network.Head_VH.t()).to(float64) / _step.Settings.Temperature).log_softmax(-1);
            int vocabulary = (int)logP.shape[1], at = 0;
            scores ??= new double[1 + K, _step.Rollouts.Tokens.Count, _step.Rollouts.Trajectories.Length, vocabulary];
            double[] values = logP.data<double>().ToArray();
            for (int i = 0; i < _step.Rollouts.Tokens.Count; i++)
                for (int t = 0; t < _step.Rollouts.Tokens[i].Length; t++)
                    for (int v = 0; v < vocabulary; v++)
                        scores[view, i, t, v] = values[at++];
        }
        return scores!;
    }

    private static double[,,] Clean(double[,,,] scores)
    {
        var clean = new double[scores.GetLength(1), scores.GetLength(2), scores.GetLength(3)];
        Buffer.BlockCopy(scores, 0, clean, 0, sizeof(double) * clean.Length);
        return clean;
    }
}
