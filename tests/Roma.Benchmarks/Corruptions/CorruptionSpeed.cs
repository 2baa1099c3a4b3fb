using System.Diagnostics;
using System.Globalization;
using OpenCvSharp;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Benchmarks.Corruptions;

/// <summary>
/// Every corruption of the catalogue at the middle severity, as a multiple of one <c>Cv2.GaussianBlur</c> of sigma 3 of the same picture in the same run, on one thread;
/// then what a second core adds. Prints a Markdown table.
/// </summary>
internal static class CorruptionSpeed
{
    private const int Severity = 3;
    private static readonly (int Width, int Height)[] Sizes = [(640, 480), (1920, 1080)];

    /// <summary>Measures and prints.</summary>
    /// <param name="names">Which corruptions; none for all.</param>
    /// <param name="seconds">How long each is repeated at each size; the run of least processor time counts, which a busy machine disturbs least.</param>
    public static void Run(IReadOnlyList<string> names, double seconds)
    {
        Catalogue catalogue = Catalogue.Default;
        Cv2.SetNumThreads(1);
        names = names.Count > 0 ? names : catalogue.Names;
        RgbImage[] images = [.. Sizes.Select(size => BenchmarkPictures.Photo(size.Width, size.Height))];
        double[] blurs = [.. images.Select(image => Blur(image, seconds))];
        Console.WriteLine($"| corruption | {string.Join(" | ", Sizes.Select((size, i) => $"{size.Width}x{size.Height}, {Number(blurs[i])} ms a blur"))} | managed KB |");
        Console.WriteLine($"|---|{string.Concat(Sizes.Select(_ => "---:|"))}---:|");
        var multiples = new Dictionary<string, double[]>();
        foreach (string name in names)
        {
            double[] own = multiples[name] = new double[Sizes.Length];
            double kilobytes = 0;
            for (int i = 0; i < Sizes.Length; i++)
            {
                double blur = Math.Min(blurs[i], Blur(images[i], 0.1 * seconds)); // the machine's speed drifts
                (double time, kilobytes) = Time(() => catalogue.Apply(images[i], new View(name, Severity, 1), "sample").Dispose(), seconds);
                own[i] = time / blur;
            }
            Console.WriteLine($"| {name} | {string.Join(" | ", own.Select(multiple => Number(multiple) + "x"))} | {kilobytes:F0} |");
        }
        string[] published = [.. names.Intersect(catalogue.Suite("imagenet-c"))];
        for (int i = 0; i < Sizes.Length; i++)
        {
            double[] all = [.. multiples.Values.Select(own => own[i]).Order()];
            double mean = Math.Exp(published.Select(name => Math.Log(multiples[name][i])).DefaultIfEmpty(0).Average());
            Console.WriteLine($"\n{Sizes[i].Width}x{Sizes[i].Height}: geometric mean over the {published.Length} of ImageNet-C {Number(mean)}x; median of all {all.Length} {Number(all[all.Length / 2])}x, largest {Number(all[^1])}x.");
        }
    }

    /// <summary>Prints what a second worker adds over all corruptions: in time, which other work on the machine takes from, and in processor time, which it takes little from.</summary>
    /// <param name="seconds">For how long each is measured, twice.</param>
    public static void Scaling(double seconds)
    {
        Cv2.SetNumThreads(1);
        RgbImage image = BenchmarkPictures.Photo(640, 480);
        (double Time, double Processor)[] rates = [.. new[] { 1, 2, 1, 2 }.Select(workers => Rate(image, workers, seconds))];
        (double one, double two) = (Math.Max(rates[0].Time, rates[2].Time), Math.Max(rates[1].Time, rates[3].Time));
        (double alone, double together) = (Math.Max(rates[0].Processor, rates[2].Processor), Math.Max(rates[1].Processor, rates[3].Processor));
        Console.WriteLine($"\nPictures of 640x480 over all corruptions: one worker {Number(one)} a second, two {Number(two)}: {Number(two / one)}x on {Environment.ProcessorCount} cores; "
            + $"a second of processor time makes {Number(alone)} with one worker, {Number(together)} with two: {Number(2 * together / alone)}x where both have a core.");
    }

    private static (double Time, double Processor) Rate(RgbImage image, int workers, double seconds)
    {
        Catalogue catalogue = Catalogue.Default;
        int done = 0;
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers }, _ =>
        {
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
                catalogue.Apply(image, new View(catalogue.Names[Interlocked.Increment(ref done) % catalogue.Names.Count], Severity, 1), "sample").Dispose();
        });
        return (done / Stopwatch.GetElapsedTime(start).TotalSeconds, done / (Environment.CpuUsage.TotalTime - processor).TotalSeconds);
    }

    private static double Blur(RgbImage image, double seconds)
    {
        using Mat from = Mat.FromPixelData(image.Height, image.Width, MatType.CV_8UC3, image.Pixels), to = new();
        return Time(() => Cv2.GaussianBlur(from, to, new Size(0, 0), 3), seconds).Milliseconds;
    }

    private static (double Milliseconds, double Kilobytes) Time(Action action, double seconds)
    {
        action();
        action();
        double best = double.MaxValue;
        long bytes = GC.GetAllocatedBytesForCurrentThread(), runs = 0, begin = Stopwatch.GetTimestamp();
        do
        {
            TimeSpan start = Environment.CpuUsage.TotalTime; // waits for a busy machine do not count
            action();
            best = Math.Min(best, (Environment.CpuUsage.TotalTime - start).TotalMilliseconds);
            runs++;
        }
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
        return (best, (GC.GetAllocatedBytesForCurrentThread() - bytes) / 1024.0 / runs);
    }

    private static string Number(double value) => value.ToString(value < 10 ? "F2" : "F1", CultureInfo.InvariantCulture);
}
