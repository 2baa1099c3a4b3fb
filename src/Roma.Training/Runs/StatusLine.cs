using Roma.Training.Methods;
using Roma.Training.Rollouts;

namespace Roma.Training.Runs;

/// <summary>What is looked at while a run goes on, the most wanted first: a narrow console shows the beginning.</summary>
/// <param name="Step">What the step measured first of all.</param>
/// <param name="More">What it measured besides.</param>
internal sealed record StatusLine(string Step, string More)
{
    private const double MostSamplerDeviation = 0.1; // fp32 has 1e-5, bf16 more

    /// <summary>What the last validation said.</summary>
    public string Validation { get; init; } = "";

    /// <summary>The line.</summary>
    public override string ToString() => Step + Validation + More;

    /// <summary>Makes the line of a step.</summary>
    /// <param name="step">What the step drew.</param>
    /// <param name="metrics">What was measured.</param>
    /// <param name="timers">The stages' seconds.</param>
    /// <param name="seconds">Of the step.</param>
    /// <param name="method">What is optimised.</param>
    public static StatusLine Of(CollectedStep step, Dictionary<string, double> metrics, StageTimers timers, double seconds, IMethod method)
    {
        string terms = string.Concat(new[] { ("kl", "kl"), ("gate_rate", "gate"), ("clip_fraction", "clip") }
            .Where(term => metrics.ContainsKey(term.Item1) && (term.Item1 != "gate_rate" || method.Objective.LambdaKl != 0)).Select(term => FormattableString.Invariant($", {term.Item2} {metrics[term.Item1]:0.000}")))
            + Rate("truncated_rate", "cut off") + Rate("unscorable_rate", "unscorable") + (metrics.GetValueOrDefault("sampler_deviation") is > MostSamplerDeviation and var off ? FormattableString.Invariant($", sampler off by {100 * off:0} %") : "");
        string stages = string.Join(' ', timers.Seconds.Where(stage => stage.Value >= 0.005 * seconds).Select(stage => FormattableString.Invariant($"{stage.Key} {100 * stage.Value / seconds:0}")));
        return new(FormattableString.Invariant($"{(metrics.TryGetValue("reward", out double reward) ? FormattableString.Invariant($"reward {reward:0.000}, ") : "")}loss {metrics["total"]:0.000}"),
            FormattableString.Invariant($", grad {metrics["grad_norm"]:0.00}{terms}, {metrics["response_tokens"] * step.Rollouts.Owners.Length / seconds:0.#} tokens/s, {Environment.WorkingSet / 1048576.0:0} MB, {stages} %"));

        string Rate(string name, string what) => metrics.GetValueOrDefault(name) is > 0.5 and var rate ? FormattableString.Invariant($", {100 * rate:0} % {what}") : "";
    }
}
