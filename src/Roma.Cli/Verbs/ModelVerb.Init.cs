using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Models.Checkpoints;
using Roma.Models.Qwen3Vl;

namespace Roma.Cli.Verbs;

internal sealed partial class ModelVerb
{
    private sealed class Init : Verb
    {
        public Init(Terminal terminal) : base("init", "Write an untrained model with random weights as a Hugging Face folder.",
            "roma model init --size nano --out models/nano",
            "roma model init --size nano --seed 7 --out models/nano-7")
        {
            Option<string> size = Option("--size", $"How large: {string.Join(", ", Qwen3VlSize.Named.Keys)}.", "nano");
            size.AcceptOnlyFromAmong([.. Qwen3VlSize.Named.Keys]);
            Option<string?> output = Option<string>("--out", "The folder to write; it must not exist or be empty.");
            output.Required = true;
            Option<long> seed = Option("--seed", "Every seed gives other weights.", 0L);
            SetAction(result => Run(terminal, result.GetValue(size)!, result.GetValue(output)!, result.GetValue(seed)));
        }

        private static int Run(Terminal terminal, string size, string output, long seed)
        {
            if (File.Exists(output) || Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
                throw new RomaException($"{output} exists and is not an empty folder; nothing is overwritten.", "Give another --out, or remove it.");
            NanoModel.Create(output, seed, size: Qwen3VlSize.Named[size]);
            using Checkpoint checkpoint = Checkpoint.Open(output);
            terminal.WriteLine($"{checkpoint.Keys.Sum(key => checkpoint.Info(key).Count).ToString("N0", CultureInfo.InvariantCulture)} parameters written to {output}");
            return Application.Done;
        }
    }
}
