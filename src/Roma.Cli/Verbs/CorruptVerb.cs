using System.Collections.Concurrent;
using System.CommandLine;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs;

/// <summary>Writes corrupted copies of pictures.</summary>
internal sealed class CorruptVerb : Verb
{
    private const string All = "all";
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"];

    public CorruptVerb(Terminal terminal) : base("corrupt", "Write corrupted copies of a picture or of a folder of pictures, as OUT/CORRUPTION/SEVERITY/NAME.png.",
        "roma corrupt photo.jpg --corruption fog --severity 3 --out degraded",
        "roma corrupt pictures/ --corruption seen --out degraded        # a suite, all five severities",
        "roma corrupt pictures/ --corruption fog gaussian_noise --severity 1 5 --seed 7 --out degraded")
    {
        var input = new Argument<string>("input") { Description = "A picture, or a folder that is searched with its subfolders." };
        Add(input);
        Option<string[]> corruption = Option("--corruption", "Names of corruptions or of suites, or 'all'.", new[] { All });
        Option<int[]> severity = Option("--severity", "Severities, 1 (mild) to 5 (strong).", new[] { 1, 2, 3, 4, 5 });
        corruption.AllowMultipleArgumentsPerToken = severity.AllowMultipleArgumentsPerToken = true;
        Option<ulong> seed = Option("--seed", "Seeds the draws, together with the picture's path, the corruption and the severity.", 0UL);
        Option<PixelScale> scale = Choice("--scale", "Whether lengths are pixels or relative to a shorter side of 224 pixels.", PixelScale.Absolute);
        Option<Fidelity> fidelity = Choice("--fidelity", "Correct rounding, or parity with the published implementation.", Fidelity.Rounded);
        Option<string> output = Option("--out", "The folder that is written to.", "corrupted");
        SetAction(result => Run(terminal, Catalogue.Default, result.GetRequiredValue(input), result.GetValue(output)!,
            [.. Resolve(Catalogue.Default, result.GetValue(corruption)!).SelectMany(name => result.GetValue(severity)!.Distinct().Select(s => new View(name, Check(s), result.GetValue(seed))))],
            result.GetValue(scale), result.GetValue(fidelity)));
    }

    public override bool UsesTorch => false;

    private static int Run(Terminal terminal, Catalogue catalogue, string input, string output, View[] views, PixelScale scale, Fidelity fidelity)
    {
        (string root, string[] pictures) = Pictures(input);
        var faults = new ConcurrentBag<string>();
        using (IProgressTask task = terminal.Progress.Start("corrupt", (long)pictures.Length * views.Length, "pictures"))
        {
            Parallel.ForEach(pictures, new ParallelOptions { CancellationToken = terminal.Cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, picture =>
            {
                string name = Path.GetRelativePath(root, picture).Replace('\\', '/');
                try
                {
                    RgbImage clean = ImageCodec.Load(picture);
                    foreach (View view in views)
                    {
                        terminal.Cancellation.ThrowIfCancellationRequested();
                        RgbImage corrupted = catalogue.Apply(clean, view, name, 0, scale, fidelity);
                        AtomicFile.WriteBytes(Path.Combine(output, view.Corruption, $"{view.Severity}", Path.ChangeExtension(name, ".png")), ImageCodec.EncodePng(corrupted));
                        task.Advance();
                    }
                }
                catch (RomaException e) when (pictures.Length > 1) // one bad picture does not spoil the others
                {
                    faults.Add(e.Message);
                }
            });
        }
        terminal.WriteLine($"{pictures.Length - faults.Count} of {pictures.Length} pictures x {views.Length} views written to {output}");
        return faults.IsEmpty ? Application.Done : throw new RomaException(string.Join("\n  ", faults.Order()), "Mend or remove these pictures and run the command again; all others are written.");
    }

    private static (string Root, string[] Pictures) Pictures(string input)
    {
        if (!Directory.Exists(input))
            return File.Exists(input) ? (Path.GetDirectoryName(Path.GetFullPath(input))!, [Path.GetFullPath(input)]) : throw new RomaException($"There is no picture or folder {input}.");
        string root = Path.GetFullPath(input);
        string[] pictures = [.. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
        string[] twins = [.. pictures.GroupBy(file => Path.ChangeExtension(file, null)).Where(group => group.Count() > 1).Select(group => string.Join(" and ", group))];
        if (twins.Length > 0)
            throw new RomaException($"Several pictures would be written under one name: {string.Join("; ", twins)}.", "Rename one of them.");
        return pictures.Length > 0 ? (root, pictures) : throw new RomaException($"The folder {input} holds no picture ({string.Join(", ", Extensions)}).");
    }

    private static IEnumerable<string> Resolve(Catalogue catalogue, string[] names) => names.SelectMany(name =>
        name == All ? catalogue.Names
        : catalogue.Suites.Contains(name) ? catalogue.Suite(name)
        : catalogue.Names.Contains(name) ? [name]
        : throw new RomaException($"There is no corruption or suite '{name}'{DidYouMean.Hint(name, [All, .. catalogue.Suites, .. catalogue.Names])}.")).Distinct();

    private static int Check(int severity) => severity is >= 1 and <= 5 ? severity : throw new RomaException($"A severity is 1 to 5, not {severity}.");
}
