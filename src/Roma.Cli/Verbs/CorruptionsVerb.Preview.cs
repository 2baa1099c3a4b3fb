using System.CommandLine;
using System.Security.Cryptography;
using Roma.Cli.Verbs.Corrupting;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs;

internal sealed partial class CorruptionsVerb
{
    private sealed class Preview : Verb
    {
        public Preview(Terminal terminal) : base("preview", "Show what corruptions make of a picture: a contact sheet (.png), or a page with a slider between clean and corrupted (.html).",
            "roma corruptions preview photo.jpg --suite seen --out sheet.html",
            "roma corruptions preview photo.jpg --corruption fog,motion_blur:3 --size 160 --out sheet.png")
        {
            var picture = new Argument<string>("picture") { Description = "The picture; it is corrupted at its full size and shown small." };
            Add(picture);
            var cells = new CellOptions(this);
            Option<string> output = Option("--out", "The file that is written: .png or .html.", "sheet.html");
            Option<int> size = Option("--size", "Longest side of the small pictures, in pixels.", 256);
            SetAction(result => Run(terminal, result.GetRequiredValue(picture), cells.Read(result, Catalogue.Default), result.GetValue(output)!, result.GetValue(size)));
        }

        public override bool UsesTorch => false;

        private static int Run(Terminal terminal, string path, CorruptionRequest request, string output, int size)
        {
            bool isPage = Path.GetExtension(output).ToLowerInvariant() switch
            {
                ".html" or ".htm" => true,
                ".png" => false,
                _ => throw new RomaException($"The sheet {output} ends neither in .png nor in .html."),
            };
            if (size is < 16 or > 4096)
                throw new RomaException($"--size is 16 to 4096 pixels, not {size}.");
            RgbImage clean = ImageCodec.Load(path);
            string key = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
            var images = new RgbImage[request.Cells.Count];
            using (IProgressTask task = terminal.Progress.Start("preview", images.Length, "images"))
            {
                var options = new ParallelOptions { CancellationToken = terminal.Cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
                Parallel.For(0, images.Length, options, i =>
                {
                    images[i] = ContactSheet.Thumbnail(request.Apply(clean, request.Cells[i], key), size);
                    task.Advance();
                });
            }
            RgbImage small = ContactSheet.Thumbnail(clean, size);
            int[] severities = [.. request.Cells.Select(cell => cell.Severity).Distinct().Order()];
            var rows = request.Cells.Zip(images).GroupBy(pair => pair.First.Corruption).ToList();
            if (isPage)
            {
                AtomicFile.WriteText(output, PreviewPage.Render(Path.GetFileName(path), small,
                    [.. rows.Select(row => (request.Catalogue[row.Key], (IReadOnlyList<(int, RgbImage)>)[.. row.Select(pair => (pair.First.Severity, pair.Second))]))]));
            }
            else
            {
                var blank = new RgbImage(small.Width, small.Height);
                blank.Pixels.AsSpan().Fill(byte.MaxValue);
                RgbImage At(IEnumerable<(View First, RgbImage Second)> row, int severity) => row.FirstOrDefault(pair => pair.First.Severity == severity).Second ?? blank;
                ImageCodec.SavePng(ContactSheet.Draw(["clean", .. severities.Select(severity => $"severity {severity}")],
                    [.. rows.Select(row => (row.Key, (IReadOnlyList<RgbImage>)[small, .. severities.Select(severity => At(row, severity))]))]), output);
            }
            terminal.WriteLine($"{images.Length} images of {rows.Count} corruptions: {output}");
            return Application.Done;
        }
    }
}
