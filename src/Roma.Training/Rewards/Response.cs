using Roma.Evaluation.Answers;

namespace Roma.Training.Rewards;

/// <summary>A response as its rewards see it.</summary>
/// <param name="Text">What it says, without the end token.</param>
/// <param name="Tokens">How many tokens it has, the end token included.</param>
/// <param name="Limit">How many it may have.</param>
/// <param name="Finished">Whether it ended by itself; false: cut off at the limit.</param>
/// <param name="Reference">The reference answer.</param>
/// <param name="Rule">How the run judges answers.</param>
public sealed record Response(string Text, int Tokens, int Limit, bool Finished, string Reference, IAnswerRule Rule);
