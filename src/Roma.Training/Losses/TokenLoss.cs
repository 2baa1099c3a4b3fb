using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>What a policy loss makes of each token.</summary>
/// <param name="Loss_NT">The loss, [N, T].</param>
/// <param name="Ratio">The probability ratio to the sampling policy, [N, T] or [N, 1]; null where the loss has none.</param>
/// <param name="Clipped">The ratio that was used, broadcastable to [N, T]: a token with another one than <paramref name="Ratio"/> was clipped.</param>
public sealed record TokenLoss(Tensor Loss_NT, Tensor? Ratio = null, Tensor? Clipped = null);
