using Roma.Core;
using Roma.Evaluation.Answers;

namespace Roma.Training.Rewards;

/// <summary>
/// Accuracy: 1 for a right and finished response, else 0, by the run's answer rule. It also decides the gate of the consistency term. Undetermined where the rule cannot judge the reference answer, for example an empty one.
/// </summary>
/// <param name="Weight">Its factor in the total.</param>
[Name("answer")]
public sealed record AnswerReward(double Weight = 1) : IReward
{
    /// <inheritdoc/>
    public double? Score(Response response) => !response.Rule.CanJudge(response.Reference)
        ? null
        : response.Finished && response.Rule.Judge(response.Text, response.Reference).Verdict == Verdict.Correct ? 1 : 0;
}
