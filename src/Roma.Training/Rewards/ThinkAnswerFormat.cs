using Roma.Core;

namespace Roma.Training.Rewards;

/// <summary>1 where the whole response is one <c>&lt;think&gt;...&lt;/think&gt;</c> and then an answer: in <c>&lt;answer&gt;...&lt;/answer&gt;</c> or with a <c>\boxed{}</c>; else 0.</summary>
/// <param name="Weight">Its factor in the total.</param>
[Name("think_answer_format")]
public sealed record ThinkAnswerFormat(double Weight = 1) : IReward
{
    private const string Think = "<think>", Thought = "</think>", Answer = "<answer>", Answered = "</answer>", Boxed = "\\boxed{";

    /// <inheritdoc/>
    public double? Score(Response response)
    {
        string text = response.Text.Trim();
        int thought = text.IndexOf(Thought, StringComparison.Ordinal);
        if (!text.StartsWith(Think, StringComparison.Ordinal) || thought < 0 || text.LastIndexOf(Think, StringComparison.Ordinal) != 0)
            return 0;
        string rest = text[(thought + Thought.Length)..].Trim();
        bool tagged = rest.StartsWith(Answer, StringComparison.Ordinal) && rest.EndsWith(Answered, StringComparison.Ordinal) && rest.LastIndexOf(Answer, StringComparison.Ordinal) == 0;
        return tagged || !rest.Contains(Thought, StringComparison.Ordinal) && rest.IndexOf(Boxed, StringComparison.Ordinal) is >= 0 and var box && rest.LastIndexOf('}') > box ? 1 : 0;
    }
}
