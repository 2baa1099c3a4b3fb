using System.CommandLine;
using Roma.Cli.Verbs.Corrupting;
using Roma.Core;
using Roma.Corruptions;
using Roma.Data.Tables;

namespace Roma.Cli.Verbs;

/// <summary>Writes corrupted copies of pictures.</summary>
internal sealed class CorruptVerb : Verb
{
    public CorruptVerb(Terminal terminal) : base("corrupt",
        "Write corrupted copies of pictures as OUT/NAME__CORRUPTION__SEVERITY.png, or of a benchmark (.parquet, .tsv) in its own schema, listed in OUT/manifest.jsonl. "
        + "An interrupted run goes on where it stopped.",
        "roma corrupt photo.jpg --corruption fog:3 --out degraded",
        "roma corrupt pictures/ --suite seen --out degraded             # a suite, all five severities",
        "roma corrupt scans/**/*.png --corruption motion_blur:3,fog --severity 1,5 --seed 7 --out degraded",
        "roma corrupt geometry3k/test.parquet --corruption fog:3 --out test-fog-3.parquet   # for any harness",
        "roma corrupt MMStar.tsv --suite unseen --out MMStar-unseen      # a table a corruption and severity")
    {
        var input = new Argument<string[]>("input")
        {
            Description = "Pictures, folders (searched with their subfolders) and patterns with *, ? and **; or tables with pictures in them.",
            Arity = ArgumentArity.OneOrMore,
        };
        Add(input);
        var cells = new CellOptions(this);
        Option<string> output = Option("--out", "The folder that is written to; for one table and one corruption at one severity also a file.", "corrupted");
        Option<int> threads = Option("--threads", "Pictures worked on at once; as many as there are processors if not given.", Environment.ProcessorCount);
        SetAction(result => Run(terminal, result.GetRequiredValue(input), cells.Read(result, Catalogue.Default), result.GetValue(output)!, result.GetValue(threads)));
    }

    public override bool UsesTorch => false;

    private static int Run(Terminal terminal, string[] inputs, CorruptionRequest request, string output, int threads)
    {
        if (threads < 1)
            throw new RomaException($"--threads is at least 1, not {threads}.");
        string[] tables = [.. inputs.Where(input => TableRewrite.Extensions.Contains(Path.GetExtension(input), StringComparer.OrdinalIgnoreCase)).SelectMany(TableRewrite.Files).Distinct()];
        if (tables.Length == 0)
            return new FileCorrupter(request, output, threads, terminal).Run(PictureFiles.Find(inputs, output));
        if (inputs.FirstOrDefault(input => !TableRewrite.Extensions.Contains(Path.GetExtension(input), StringComparer.OrdinalIgnoreCase)) is { } picture)
            throw new RomaException($"{tables[0]} is a table and {picture} is not.", "Run the command once for pictures and once for tables.");
        return new TableCorrupter(request, threads, terminal).Run(tables, output);
    }
}
