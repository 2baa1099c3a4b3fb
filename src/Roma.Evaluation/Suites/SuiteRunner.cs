using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Roma.Core;
using Roma.Data;
using Roma.Evaluation.Answers;
using Roma.Evaluation.Endpoints;
using Roma.Evaluation.Results;

namespace Roma.Evaluation.Suites;

/// <summary>
/// Asks a model every question of a benchmark, clean and under every corruption x severity, and logs each reply. The order is sample by sample, so each sample is decoded
/// and each picture corrupted once, in the background while the model answers, and an interrupted run is balanced over the cells.
/// </summary>
/// <param name="suite">The benchmark.</param>
/// <param name="corruptions">Its corruptions.</param>
/// <param name="keepBytes">How many bytes of pictures to keep for further runs of this runner, which then need not be made again; 0 keeps none.</param>
public sealed class SuiteRunner(EvaluationSuite suite, CorruptionMatrix corruptions, long keepBytes = 0)
{
    private const int LongestReply = 1 << 16, Named = 5;
    private readonly Cell[] _cells = [Cell.Clean, .. corruptions.Cells];
    private readonly ConcurrentDictionary<(int, Cell), (Sample, Prompt)> _kept = [];
    private readonly Lazy<string?> _dataHash = new(() => LookThrough(suite));
    private long _room = keepBytes;

    /// <summary>How many questions a run asks.</summary>
    public int Total => suite.SampleCount + suite.CellCount * (_cells.Length - 1);

    /// <summary>Looks through the stored samples, as a run does first.</summary>
    /// <exception cref="RomaException">The answer rule cannot judge by some reference answers, or pictures are damaged.</exception>
    public void Check() => _ = _dataHash.Value;

    /// <summary>Runs, or goes on with a run that was interrupted: questions in the log are not asked again, except those that failed.</summary>
    /// <param name="endpoint">The model; called from this thread only.</param>
    /// <param name="logPath">The result log, made where it does not exist.</param>
    /// <param name="metadata">Recorded in the log's header; a log is gone on with only where it is the same.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellation">Ends the run between batches; what was answered stays in the log.</param>
    /// <exception cref="RomaException">The log belongs to another model, benchmark, data or setting, or cannot be written; the data are damaged.</exception>
    public ResultLog Run(
        IModelEndpoint endpoint, string logPath, IReadOnlyDictionary<string, string>? metadata = null, IProgressSink? progress = null,
        CancellationToken cancellation = default)
    {
        using (var writer = new ResultWriter(logPath, Header(endpoint.Name, metadata)))
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            try
            {
                Ask(endpoint, writer, progress ?? NoProgress.Instance, stop.Token);
            }
            finally
            {
                stop.Cancel();
            }
        }
        return ResultLog.Read(logPath);
    }

    /// <summary>The pictures and text of one question, as the model sees them.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="cell">Clean, or a corruption at a severity.</param>
    public Prompt Prompt(Sample sample, Cell cell) => new(
        cell.IsClean ? sample.Images : [.. sample.Images.Select((image, i) => corruptions.Corrupt(image, cell, suite.Seed, sample.Id, i))],
        suite.Prompt.Replace("{question}", sample.Question, StringComparison.Ordinal), sample.Id, suite.System);

    private void Ask(IModelEndpoint endpoint, ResultWriter writer, IProgressSink progress, CancellationToken cancellation)
    {
        HashSet<(int, Cell)> answered = [.. writer.Existing.Records.Where(r => r.Status != ReplyStatus.Failed).Select(r => r.Key)];
        using IProgressTask task = progress.Start(suite.Name, Total, "questions", answered.Count);
        (int right, int asked, int unparsed, int failed) = (0, 0, 0, 0);
        foreach (Question[] batch in Ahead(Questions(answered, cancellation), endpoint.BatchSize + Environment.ProcessorCount).Chunk(endpoint.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            (Sample Sample, Prompt Prompt)[] ready = [.. batch.Select(q => q.Ready.GetAwaiter().GetResult())];
            IReadOnlyList<Reply> replies = endpoint.Answer([.. ready.Select(r => r.Prompt)], cancellation);
            if (replies.Count != batch.Length)
                throw new InvalidOperationException($"{endpoint.Name} gave {replies.Count} replies to {batch.Length} prompts.");
            for (int i = 0; i < batch.Length; i++)
            {
                ResultRecord record = Record(batch[i], ready[i].Sample, replies[i]);
                writer.Write(record);
                asked++;
                right += record.IsCorrect ? 1 : 0;
                unparsed += record.Verdict == Verdict.Unparsed ? 1 : 0;
                failed += record.Status == ReplyStatus.Failed ? 1 : 0;
            }
            task.Advance(batch.Length);
            task.Status(FormattableString.Invariant($"{100.0 * right / asked:0.0} % right, {unparsed} unparsed{(failed > 0 ? $", {failed} failed" : "")}"));
        }
    }

    private ResultRecord Record(Question question, Sample sample, Reply reply)
    {
        if (!suite.Answer.CanJudge(sample.Answer))
            throw Unjudged(suite, [(sample.Id, sample.Answer)]);
        Judgement judgement = reply.Status == ReplyStatus.Failed ? Judgement.Unparsed : suite.Answer.Judge(reply.Text, sample.Answer);
        return new(
            question.Index, sample.Id, sample.Category, question.Cell.Corruption, question.Cell.Severity, suite.Seed, sample.Answer, Shorten(reply.Text),
            judgement.Extracted is { } extracted ? Shorten(extracted) : null, judgement.Verdict, reply.Status, reply.Tokens);
    }

    private static string Shorten(string text) => text.Length <= LongestReply ? text : text[..LongestReply];

    private IEnumerable<Question> Questions(HashSet<(int, Cell)> answered, CancellationToken cancellation)
    {
        for (int i = 0; i < suite.SampleCount; i++)
        {
            int index = i;
            var sample = new Lazy<Task<Sample>>(() => Task.Run(() => suite.Data.Get(index), cancellation), isThreadSafe: false);
            foreach (Cell cell in i < suite.CellCount ? _cells : [Cell.Clean])
                if (!answered.Contains((i, cell)))
                    yield return new(i, cell, _kept.TryGetValue((i, cell), out (Sample, Prompt) kept) ? Task.FromResult(kept) : Ready(i, cell, sample.Value));
        }

        async Task<(Sample, Prompt)> Ready(int index, Cell cell, Task<Sample> pending)
        {
            Sample sample = await pending.ConfigureAwait(false);
            Prompt prompt = await Task.Run(() => Prompt(sample, cell), cancellation).ConfigureAwait(false);
            if (Interlocked.Add(ref _room, -prompt.Images.Sum(image => image.Pixels.LongLength)) >= 0)
                _kept[(index, cell)] = (sample, prompt);
            return (sample, prompt);
        }
    }

    // Reads a number of items ahead: their work is under way while earlier ones are used.
    private static IEnumerable<T> Ahead<T>(IEnumerable<T> items, int count)
    {
        var queue = new Queue<T>();
        foreach (T item in items)
        {
            queue.Enqueue(item);
            if (queue.Count > count)
                yield return queue.Dequeue();
        }
        while (queue.TryDequeue(out T? item))
            yield return item;
    }

    private ResultHeader Header(string model, IReadOnlyDictionary<string, string>? metadata)
    {
        string settings = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(StrictYaml.ToJson(suite) + '\n' + corruptions.Definition)));
        return new(
            ResultHeader.Current, model, suite.Name, suite.Version, suite.Data.Name, suite.Seed, suite.SampleCount, suite.CellCount, corruptions.Groups, corruptions.Severities,
            settings, DateTime.UtcNow, metadata ?? new Dictionary<string, string>(), _dataHash.Value);
    }

    /// <summary>The hash of the samples that are asked, where they are stored.</summary>
    private static string? LookThrough(EvaluationSuite suite)
    {
        if (suite.Data.Outline(0) is null)
            return null;
        SampleOutline[] samples = [.. Enumerable.Range(0, suite.SampleCount).Select(i => suite.Data.Outline(i)!)];
        (string, string)[] unjudged = [.. samples.Where(sample => !suite.Answer.CanJudge(sample.Answer)).Select(sample => (sample.Id, sample.Answer))];
        return unjudged.Length == 0 ? Convert.ToHexStringLower(SHA256.HashData([.. samples.SelectMany(sample => sample.Digest)])) : throw Unjudged(suite, unjudged);
    }

    private static RomaException Unjudged(EvaluationSuite suite, (string Id, string Answer)[] samples) => new(
        $"The answer rule {NamedTypes.NameOf(suite.Answer.GetType())} cannot judge by the reference answers of {samples.Length} samples of {suite.Data.Name}: {string.Join(", ", samples.Take(Named).Select(sample => $"'{sample.Id}' has '{sample.Answer}'"))}{(samples.Length > Named ? ", ..." : ".")}",
        "Name another rule as answer, or leave these samples out.");

    private sealed record Question(int Index, Cell Cell, Task<(Sample Sample, Prompt Prompt)> Ready);
}
