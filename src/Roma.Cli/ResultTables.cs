using System.Globalization;
using Roma.Evaluation.Results;
using Roma.Evaluation.Statistics;
using Spectre.Console;

namespace Roma.Cli;

/// <summary>Results as tables on the terminal.</summary>
internal static class ResultTables
{
    /// <summary>Accuracies by run and group, then paired differences.</summary>
    public static void Write(Terminal terminal, IReadOnlyList<RunSummary> runs, IReadOnlyList<Comparison> comparisons)
    {
        Table accuracy = new Table().AddColumns("run", "pictures", "accuracy %", "95 % interval", "unparsed", "worst cell").Border(TableBorder.Simple);
        foreach (RunSummary run in runs)
        {
            Row(accuracy, run.Name, "clean", Percent(run.Clean.Accuracy.Value), Interval(run.Clean.Interval), $"{run.Clean.Unparsed}", "");
            foreach (GroupSummary group in run.Groups)
                Row(accuracy, run.Name, group.Name, Percent(group.Score.Accuracy.Value), Interval(group.Interval), $"{group.Score.Unparsed}",
                    group.Worst is { } worst ? $"{worst.Cell} {Percent(worst.Score.Accuracy.Value)}" : "");
        }
        if (runs.Count > 0)
            terminal.Console.Write(accuracy);
        foreach (RunSummary run in runs.Where(run => !run.IsComplete))
            terminal.WriteLine($"{run.Name} is not complete: {run.Recorded} of {run.Header.Expected} questions are answered.");
        foreach (Comparison comparison in comparisons)
        {
            Table differences = new Table().Title(Markup.Escape($"{comparison.Candidate} - {comparison.Baseline}"))
                .AddColumns("pictures", "points", "95 % interval", "p (Holm)", "only candidate right", "only baseline right").Border(TableBorder.Simple);
            foreach (PairedVerdict verdict in comparison.Verdicts)
                Row(differences, verdict.Group, Signed(verdict.Counts.Difference), Interval(verdict.Interval), P(verdict.ClusteredHolm) + (verdict.IsSignificant ? " *" : ""), $"{verdict.Counts.OnlyFirst}", $"{verdict.Counts.OnlySecond}");
            terminal.Console.Write(differences);
        }
        if (comparisons.Count > 0)
            terminal.WriteLine("Intervals and p-values take each sample with all its corrupted views as one; * holds at 5 % after Holm's correction.");
    }

    private static void Row(Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(cell)));

    private static string Percent(double share) => double.IsFinite(share) ? (100 * share).ToString("F1", CultureInfo.InvariantCulture) : "-";

    private static string Signed(double share) => double.IsFinite(share) ? (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) : "-";

    private static string Interval(Interval shares) => double.IsFinite(shares.Low) ? string.Create(CultureInfo.InvariantCulture, $"{100 * shares.Low:F1} to {100 * shares.High:F1}") : "-";

    private static string P(double p) => p < 0.0001 ? "< 0.0001" : p.ToString("F4", CultureInfo.InvariantCulture);
}
