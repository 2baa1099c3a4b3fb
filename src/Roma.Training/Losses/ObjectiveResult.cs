using static TorchSharp.torch;

namespace Roma.Training.Losses;

/// <summary>A micro-batch's share of the step's loss.</summary>
/// <param name="Loss">The share, a scalar with its graph; the shares of a step's micro-batches add up to its loss.</param>
/// <param name="Terms">
/// Shares that add up too: <c>total</c>, <c>clean</c>, <c>kl</c>, <c>pg</c>, <c>reference_kl</c>, <c>entropy</c> (each before its weight, absent where its input is), <c>gate_rate</c> (of counted responses),
/// <c>clip_fraction</c> and <c>ratio_mean</c> (over counted tokens of the loss view; absent where the policy loss has no ratio).
/// </param>
/// <param name="MaxRatioDeviation">The largest |ratio - 1| of a counted token; over micro-batches take the maximum.</param>
public sealed record ObjectiveResult(Tensor Loss, IReadOnlyDictionary<string, double> Terms, double MaxRatioDeviation);
