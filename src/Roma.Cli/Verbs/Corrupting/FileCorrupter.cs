using System.Collections.Concurrent;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>Writes every cell of every picture as a PNG file and lists them in the manifest; what the manifest holds already is left alone.</summary>
internal sealed class FileCorrupter(CorruptionRequest request, string folder, int threads, Terminal terminal)
{
    private readonly ConcurrentDictionary<string, string> _faults = [];
    private readonly ConcurrentDictionary<View, int> _unchanged = [];
    private int _written, _kept;

    public int Run((string Path, string Name)[] pictures)
    {
        using (var manifest = new Manifest(Path.Combine(folder, "manifest.jsonl")))
        {
            using (IProgressTask task = terminal.Progress.Start("corrupt", (long)pictures.Length * request.Cells.Count, "images"))
            {
                var options = new ParallelOptions { CancellationToken = terminal.Cancellation, MaxDegreeOfParallelism = threads };
                Parallel.ForEach(Partitioner.Create(Work(pictures), EnumerablePartitionerOptions.NoBuffering), options, work =>
                {
                    try
                    {
                        Write(work.Picture, work.Cell, manifest);
                    }
                    catch (RomaException e) when (pictures.Length > 1 && e.Message.Contains(work.Picture.Path, StringComparison.Ordinal)) // spoils no other picture
                    {
                        _faults[work.Picture.Path] = e.Message;
                    }
                    finally
                    {
                        work.Picture.Release();
                        task.Advance();
                    }
                });
            }
            manifest.Finish();
        }
        terminal.WriteLine($"{_written} images written to {folder}{(_kept > 0 ? $", {_kept} were there already" : "")}; see manifest.jsonl there");
        foreach ((View cell, int count) in _unchanged.OrderBy(pair => pair.Key.Corruption, StringComparer.Ordinal).ThenBy(pair => pair.Key.Severity))
            terminal.WriteLine($"note: {cell.Corruption} at severity {cell.Severity} changed nothing in {count} of {pictures.Length} pictures");
        if (!_faults.IsEmpty)
            throw new RomaException(string.Join("\n  ", _faults.Values.Order(StringComparer.Ordinal)), "Mend or remove these pictures and run the command again; all others are written.");
        return Application.Done;
    }

    private IEnumerable<(SourcePicture Picture, View Cell)> Work((string Path, string Name)[] pictures)
    {
        foreach ((string path, string name) in pictures)
        {
            var picture = new SourcePicture(path, name, request.Cells.Count);
            foreach (View cell in request.Cells)
                yield return (picture, cell);
        }
    }

    private void Write(SourcePicture picture, View cell, Manifest manifest)
    {
        string output = $"{Path.ChangeExtension(picture.Name, null)}__{cell.Corruption}__{cell.Severity}.png", path = Path.Combine(folder, output);
        ManifestLine work = Manifest.Work(request, cell, picture.Name, picture.Hash, output);
        if (manifest.Holds(work) && File.Exists(path))
        {
            Interlocked.Increment(ref _kept);
            return;
        }
        RgbImage clean = picture.Image;
        using RgbImage corrupted = request.Apply(clean, cell, picture.Hash);
        byte[] png = ImageCodec.EncodePng(corrupted);
        AtomicFile.WriteBytes(path, png);
        ManifestLine line = work.Made(clean, corrupted, png);
        manifest.Add(line);
        if (line.ChangedShare == 0)
            _unchanged.AddOrUpdate(cell, 1, (_, count) => count + 1);
        Interlocked.Increment(ref _written);
    }
}
