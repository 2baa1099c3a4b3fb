using System.CommandLine;
using Roma.Core;
using Roma.Models;
using Roma.Models.Lora;
using Roma.Training.Runs;

namespace Roma.Cli.Verbs;

internal sealed partial class ModelVerb
{
    private sealed class Convert : Verb
    {
        public Convert(Terminal terminal) : base("convert", "Write a model folder again: with another element type, in shards, or with a LoRA adapter merged into the weights.",
            "roma model convert runs/digit-grid-roma --dtype bfloat16 --out models/roma",
            "roma model convert runs/lora --out models/merged      # the adapter merged into the model that it was trained on",
            "roma model convert models/qwen3-vl-4b --adapter runs/lora --shard-size 4GB --out models/merged")
        {
            var directory = new Argument<string>("directory") { Description = "The model folder; a run's folder stands for its newest checkpoint, and an adapter for itself merged into its model." };
            Add(directory);
            Option<string?> output = Option<string>("--out", "The folder to write; it must not exist or be empty.");
            output.Required = true;
            Option<string> type = ModelTypes.Option(this, "The weights' type; as it is if not given.", null);
            Option<string?> shard = Option<string>("--shard-size", "Most bytes of weights a file, for example 4GB; one file if not given.");
            Option<string?> adapter = Option<string>("--adapter", "A LoRA adapter's folder (PEFT's layout) to be merged, or a run's.");
            SetAction(result =>
            {
                (string folder, long? bytes, string source) = (result.GetValue(output)!, ByteSize.Parse(result.GetValue(shard)), CheckpointStore.ModelOf(result.GetRequiredValue(directory)));
                if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
                    throw new RomaException($"{folder} exists and is not an empty folder; nothing is overwritten.", "Give another --out, or remove it.");
                string? lora = result.GetValue(adapter) is { } named ? CheckpointStore.ModelOf(named) : null;
                if (LoraAdapter.IsAdapter(source))
                {
                    if (lora is not null)
                        throw new RomaException($"{source} is an adapter already.", $"Leave --adapter out, or name the model: {LoraAdapter.BaseOf(source)}");
                    (source, lora) = (LoraAdapter.BaseOf(source), source);
                }
                using VisionLanguageModel model = VisionLanguageModel.Load(source, type: result.GetValue(type) is { } wanted ? ModelTypes.Parse(wanted) : VisionLanguageModel.StoredType(source));
                if (lora is not null)
                    LoraAdapter.Load(model, lora).Merge();
                model.Save(folder, bytes);
                terminal.WriteLine($"written to {folder}");
                return Application.Done;
            });
        }
    }
}
