using System.CommandLine;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Checkpoints;
using Roma.Models.Families;

namespace Roma.Cli.Verbs;

internal sealed partial class ModelVerb
{
    private sealed class Init : Verb
    {
        public Init(Terminal terminal) : base("init", "Write an untrained model with random weights as a Hugging Face folder: to train from scratch, or to see what a size costs.",
            "roma model init --size nano --out models/nano",
            "roma model init --family qwen3_vl --size 4b --dtype bfloat16 --shard-size 4GB --out models/random-4b     # 9 GB, for scale checks")
        {
            Option<string> family = Option("--family", $"The architecture: {string.Join(", ", ModelFamilies.All.Keys)}.", "qwen3_vl");
            family.AcceptOnlyFromAmong([.. ModelFamilies.All.Keys]);
            Option<string> size = Option("--size", $"How large: {string.Join("; ", ModelFamilies.All.Select(f => $"{string.Join(", ", f.Value.Sizes.Keys)} of {f.Key}"))}.", "nano");
            size.AcceptOnlyFromAmong([.. ModelFamilies.All.Values.SelectMany(f => f.Sizes.Keys).Distinct()]);
            Option<string?> output = Option<string>("--out", "The folder to write; it must not exist or be empty.");
            output.Required = true;
            Option<long> seed = Option("--seed", "Every seed gives other weights.", 0L);
            Option<string> type = ModelTypes.Option(this, "The weights' type.", "float32");
            Option<string?> shard = Option<string>("--shard-size", "Most bytes of weights a file, for example 4GB or 500MB; one file if not given.");
            SetAction(result =>
            {
                IModelFamily chosen = ModelFamilies.All[result.GetValue(family)!];
                if (!chosen.Sizes.TryGetValue(result.GetValue(size)!, out IModelSize? sizes))
                    throw new RomaException($"The family {result.GetValue(family)} has no size '{result.GetValue(size)}'{DidYouMean.Hint(result.GetValue(size)!, chosen.Sizes.Keys)}.");
                string folder = result.GetValue(output)!;
                if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                    throw new RomaException($"{folder} exists and is not an empty folder; nothing is overwritten.", "Give another --out, or remove it.");
                UntrainedModel.Create(folder, chosen, sizes, result.GetValue(seed), type: ModelTypes.Parse(result.GetValue(type)!), shardBytes: ByteSize.Parse(result.GetValue(shard)));
                using Checkpoint checkpoint = Checkpoint.Open(folder);
                terminal.WriteLine($"{checkpoint.Keys.Sum(key => checkpoint.Info(key).Count).ToString("N0", CultureInfo.InvariantCulture)} parameters written to {folder}");
                return Application.Done;
            });
        }
    }
}
