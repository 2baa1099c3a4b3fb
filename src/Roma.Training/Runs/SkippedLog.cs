using System.Text.Json;
using System.Text.Json.Nodes;
using Roma.Core;

namespace Roma.Training.Runs;

/// <summary><c>skipped.jsonl</c>: the questions of updates that were left out because loss or gradient was not finite, to look at. It exists once there is one.</summary>
/// <param name="path">The file.</param>
public sealed class SkippedLog(string path)
{
    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Drops the lines of steps that a resumed run repeats, and broken ones.</summary>
    /// <param name="step">Steps done.</param>
    public void CutAfter(int step)
    {
        if (File.Exists(Path))
            AtomicFile.WriteText(Path, string.Concat(AppendLog.Read(Path).Where(IsKept).Select(line => line + "\n")));

        bool IsKept(string line)
        {
            try
            {
                return (int?)JsonNode.Parse(line)?["step"] <= step;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return false;
            }
        }
    }

    /// <summary>Notes an update.</summary>
    /// <param name="step">Its step, from 1.</param>
    /// <param name="norm">The norm of its gradient.</param>
    /// <param name="questions">The ids of its questions.</param>
    public void Add(int step, double norm, IEnumerable<string> questions)
    {
        using var log = new AppendLog(Path);
        log.Append(JsonSerializer.Serialize(new { step, grad_norm = FormattableString.Invariant($"{norm}"), questions }));
    }
}
