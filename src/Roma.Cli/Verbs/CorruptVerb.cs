using System.CommandLine;
using Roma.Cli.Verbs.Corrupting;
using Roma.Core;
using Roma.Corruptions;

namespace Roma.Cli.Verbs;

/// <summary>Writes corrupted copies of pictures.</summary>
internal sealed class CorruptVerb : Verb
{
    public CorruptVerb(Terminal terminal) : base("corrupt", "Write corrupted copies of pictures as OUT/NAME__CORRUPTION__SEVERITY.png, listed in OUT/manifest.jsonl. An interrupted run goes on where it stopped.",
        "roma corrupt photo.jpg --corruption fog:3 --out degraded",
        "roma corrupt pictures/ --suite seen --out degraded             # a suite, all five severities",
        "roma corrupt scans/**/*.png --corruption motion_blur:3,fog --severity 1,5 --seed 7 --out degraded")
    {
        var input = new Argument<string[]>("input") { Description = "Pictures, folders (searched with their subfolders) and patterns with *, ? and **.", Arity = ArgumentArity.OneOrMore };
        Add(input);
        var cells = new CellOptions(this);
        Option<string> output = Option("--out", "The folder that is written to.", "corrupted");
        Option<int> threads = Option("--threads", "Pictures worked on at once; as many as there are processors if not given.", Environment.ProcessorCount);
        SetAction(result => Run(terminal, result.GetRequiredValue(input), cells.Read(result, Catalogue.Default), result.GetValue(output)!, result.GetValue(threads)));
    }

    public override bool UsesTorch => false;

    private static int Run(Terminal terminal, string[] inputs, CorruptionRequest request, string output, int threads) =>
        threads < 1 ? throw new RomaException($"--threads is at least 1, not {threads}.") : new FileCorrupter(request, output, threads, terminal).Run(PictureFiles.Find(inputs, output));
}
