using System.Collections.Concurrent;
using System.Security.Cryptography;
using Roma.Core;
using Roma.Corruptions;
using Roma.Data.Tables;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>Writes a benchmark's table once a cell with corrupted pictures (PNG, so that nothing is lost again) and all else as it is; finished tables are left alone.</summary>
internal sealed class TableCorrupter(CorruptionRequest request, int threads, Terminal terminal)
{
    public int Run(IReadOnlyList<string> tables, string output)
    {
        int total = tables.Count * request.Cells.Count, written = 0, number = 0;
        bool isFile = Path.GetExtension(output).Equals(Path.GetExtension(tables[0]), StringComparison.OrdinalIgnoreCase);
        if (isFile && total > 1)
            throw new RomaException($"{tables.Count} x {request.Cells.Count} tables do not fit into the one file {output}.", "Name a folder, or one table and one corruption with one severity.");
        if (isFile && Path.GetFullPath(output) == Path.GetFullPath(tables[0]))
            throw new RomaException($"{output} is the table itself.", "Name another file.");
        if (tables.GroupBy(table => Path.GetFileName(table)).FirstOrDefault(group => group.Count() > 1) is { } twins)
            throw new RomaException($"Several tables would be written under one name: {string.Join(" and ", twins)}.", "Write them into different folders.");
        string folder = isFile ? Path.GetDirectoryName(Path.GetFullPath(output))! : output;
        using (var manifest = new Manifest(isFile ? $"{output}.manifest.jsonl" : Path.Combine(folder, "manifest.jsonl")))
        {
            foreach (string table in tables)
            {
                string hash = HashOf(table);
                foreach (View cell in request.Cells)
                {
                    number++;
                    string name = isFile ? Path.GetFileName(output) : $"{Path.GetFileNameWithoutExtension(table)}__{cell.Corruption}__{cell.Severity}{Path.GetExtension(table)}";
                    ManifestLine work = Manifest.Work(request, cell, Path.GetFileName(table), hash, name);
                    if (manifest.Holds(work) && File.Exists(Path.Combine(folder, name)))
                        continue;
                    using IProgressTask task = terminal.Progress.Start($"{name} ({number}/{total})", 0, "images");
                    Write(table, Path.Combine(folder, name), cell, work, manifest, task);
                    written++;
                }
            }
            manifest.Finish();
        }
        string kept = written < total ? $", {total - written} were there already" : "";
        terminal.WriteLine($"{written} tables written to {folder}{kept}; see {(isFile ? $"{output}.manifest.jsonl" : "manifest.jsonl there")}");
        return Application.Done;
    }

    private void Write(string table, string output, View cell, ManifestLine work, Manifest manifest, IProgressTask task)
    {
        var made = new ConcurrentBag<ManifestLine>();
        var parallel = new ParallelOptions { CancellationToken = terminal.Cancellation, MaxDegreeOfParallelism = threads };
        TableRewrite.Write(table, output, (place, bytes) =>
        {
            string key = ManifestLine.Hash(bytes);
            using RgbImage clean = ImageCodec.Decode(bytes, $"{table}, picture {place}"), corrupted = request.Apply(clean, cell, key);
            byte[] png = ImageCodec.EncodePng(corrupted);
            made.Add((work with { Source = $"{work.Source}#{place}", SourceSha256 = key, Output = $"{work.Output}#{place}" }).Made(clean, corrupted, png));
            return png;
        }, () => task.Advance(), parallel);
        ManifestLine[] lines = [.. made.OrderBy(line => line.Output, StringComparer.Ordinal)]; // so that means do not depend on the threads
        foreach (ManifestLine line in lines)
            manifest.Add(line);
        double[] ratios = [.. lines.Select(line => line.Psnr).OfType<double>()];
        manifest.Add(work with // last: a table without this line is written again
        {
            OutputSha256 = HashOf(output),
            Psnr = ratios.Length == 0 ? null : ratios.Average(),
            Ssim = lines.Length == 0 ? 1 : lines.Average(line => line.Ssim),
            ChangedShare = lines.Length == 0 ? 0 : lines.Average(line => line.ChangedShare),
        });
        if (lines.Count(line => line.ChangedShare == 0) is > 0 and var unchanged)
            terminal.WriteLine($"note: {cell.Corruption} at severity {cell.Severity} changed nothing in {unchanged} of {lines.Length} pictures");
    }

    private static string HashOf(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }
}
