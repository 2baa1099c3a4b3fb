using System.Numerics;
using Roma.Core;
using Roma.Corruptions;
using Roma.Training.Runs;

namespace Roma.Training.Data;

/// <summary>Draws and renders batches of questions, the next one in the background while the model is busy. A pure function of seed, number of the batch and step.</summary>
/// <param name="settings">The run.</param>
/// <param name="catalogue">Where corruptions come from.</param>
/// <param name="pool">The samples that are asked; null: all.</param>
public sealed class StepSource(TrainingSettings settings, Catalogue catalogue, SamplePool? pool = null)
{
    private readonly IReadOnlyList<string> _corruptions = catalogue.Suite(settings.Views.Suite);
    private Coming? _next;

    /// <summary>A batch; starts on the next.</summary>
    /// <param name="draw">Its number, from 0: the step, unless steps draw more than one.</param>
    /// <param name="timers">Get the time that is spent waiting for <c>data</c> and then for <c>views</c>; null: nobody asks.</param>
    /// <param name="step">The step that it is drawn for, on which a curriculum depends; null: <paramref name="draw"/>.</param>
    public StepBatch Get(int draw, StageTimers? timers = null, int? step = null)
    {
        int of = step ?? draw;
        Coming coming = _next is { } next && next.Draw == draw && HighestAt(next.Step) == HighestAt(of) ? next : Start(draw, of);
        timers ??= new();
        timers.Time("data", () => coming.Samples.GetAwaiter().GetResult());
        StepBatch batch = timers.Time("views", () => coming.Batch.GetAwaiter().GetResult());
        _next = draw + 1 < settings.Steps || settings.Refills > 0 ? Start(draw + 1, of + 1) : null;
        return batch with { Step = of };
    }

    private Coming Start(int draw, int step)
    {
        Task<(Sample, string)[]> samples = Task.Run(() => Read(draw));
        return new(draw, step, samples, Task.Run(async () => Make(draw, step, await samples)));
    }

    private (Sample Sample, string Response)[] Read(int draw) => [.. Enumerable.Range(0, settings.Prompts).Select(p =>
    {
        long index = IndexOf((long)draw * settings.Prompts + p);
        return (settings.Data.Get(index), settings.Method.Sampling is null ? settings.Data.Response(index) : "");
    })];

    private StepBatch Make(int draw, int step, (Sample Sample, string Response)[] samples)
    {
        var questions = new StepQuestion[samples.Length];
        int corrupted = settings.Method.Views == 0 ? 0 : (int)Math.Ceiling(settings.Views.Share * settings.Prompts - 1e-9); // 0.55 x 100 is 55
        for (int p = 0; p < questions.Length; p++)
        {
            (Sample sample, string response) = samples[p];
            View[] views = p < corrupted ? Draw(draw, step, p) : [];
            questions[p] = new(sample, response, views, [.. views.Select(view => (IReadOnlyList<RgbImage>)
                [.. sample.Images.Select((image, i) => catalogue.Apply(image, view, sample.Id, i, settings.Views.Scale))])]);
        }
        return new(step, questions);
    }

    private View[] Draw(int draw, int step, int prompt)
    {
        var random = CounterRandom.Of(settings.Seed, "views", draw, prompt);
        (int low, int high) = (settings.Views.Severities[0], HighestAt(step));
        return [.. Enumerable.Range(0, settings.Method.Views)
            .Select(_ => new View(_corruptions[random.Integer(0, _corruptions.Count)], random.Integer(low, high + 1), random.NextUInt64()))];
    }

    private int HighestAt(int step)
    {
        (int low, int high) = (settings.Views.Severities[0], settings.Views.Severities[1]);
        return settings.Views.Curriculum > 0 ? low + (int)Math.Round((high - low) * Math.Min(1, (step + 1) / (settings.Views.Curriculum * settings.Steps))) : high;
    }

    /// <summary>The n-th question of the run. Endless data is read from a place that the seed decides; finite data in a new order each epoch.</summary>
    private long IndexOf(long n)
    {
        if ((pool?.Count ?? settings.Data.Count) is not { } count)
            return (long)(CounterRandom.Key(settings.Seed, "data") % (1UL << 40)) + n;
        long place = Shuffled(n % count, count, CounterRandom.Key(settings.Seed, "epoch", n / count));
        return pool?.IndexOf(place) ?? place;
    }

    /// <summary>Where n comes in a keyed permutation of [0, count) that needs no memory: a Feistel network on just enough bits, walked on where it leaves the range (Black and Rogaway, 2002).</summary>
    private static long Shuffled(long n, long count, ulong key)
    {
        const int Rounds = 6;
        int half = (65 - BitOperations.LeadingZeroCount((ulong)count - 1)) / 2;
        ulong mask = (1UL << half) - 1, place = (ulong)n;
        do
        {
            (ulong left, ulong right) = (place >> half, place & mask);
            for (int round = 0; round < Rounds; round++)
                (left, right) = (right, left ^ CounterRandom.Key(key, round, right) & mask);
            place = left << half | right;
        }
        while (place >= (ulong)count);
        return (long)place;
    }

    /// <summary>A batch that is being made.</summary>
    private sealed record Coming(int Draw, int Step, Task<(Sample Sample, string Response)[]> Samples, Task<StepBatch> Batch);
}
