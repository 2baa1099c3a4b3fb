using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Chat;
using Roma.Models.Generation;
using Roma.Models.Lora;
using Roma.Models.Processing;
using Roma.Training.Runs;
using TorchSharp;

namespace Roma.Cli.Verbs;

/// <summary>Asks a model about pictures.</summary>
internal sealed class GenerateVerb : Verb
{
    public GenerateVerb(Terminal terminal) : base("generate", "Ask a model about pictures, or about nothing but text.",
        "roma generate --model models/nano --image grid.png --prompt \"What digit is at the top?\"",
        "roma generate --model models/nano --image grid.png --prompt \"Think.\" --n 4 --temperature 0.7 --seed 7 --stream     # four samples, shown as they come",
        "roma generate --model models/nano --image a.png --image b.png --prompt \"Is <image> larger than <image>?\"",
        "roma generate --model models/qwen3-vl-4b --dtype bfloat16 --adapter runs/lora --prompt \"Name a colour.\" --stop .")
    {
        Option<string?> model = Option<string>("--model", "The model folder; a run's folder stands for its newest checkpoint.");
        Option<string?> prompt = Option<string>("--prompt", "The question; pictures stand before it, or where it says <image>.");
        model.Required = prompt.Required = true;
        Option<string[]> images = Option("--image", "Pictures, in order.", Array.Empty<string>());
        Option<string[]> stops = Option("--stop", "Texts that end a reply.", Array.Empty<string>());
        images.AllowMultipleArgumentsPerToken = stops.AllowMultipleArgumentsPerToken = true;
        Option<string?> system = Option<string>("--system", "A system turn before the question.");
        Option<int> count = Option("--n", "How many replies.", 1);
        Option<double> temperature = Option("--temperature", "0 takes the most likely token; 1 draws as the model says.", 0.0);
        Option<int> topK = Option("--top-k", "Draw among this many most likely tokens; 0: all.", 0);
        Option<double> topP = Option("--top-p", "Draw among the most likely tokens with this share of the probability; 1: all.", 1.0);
        Option<double> penalty = Option("--repetition-penalty", "Makes tokens that occurred less likely; 1: not.", 1.0);
        Option<ulong> seed = Option("--seed", "Seeds the draws.", 0UL);
        Option<int> limit = Option("--max-tokens", "Most new tokens of a reply.", 512);
        Option<bool> stream = Option("--stream", "Show a reply while it is made; of several, one after another.", false);
        Option<string> device = Option("--device", "Where to compute: cpu, cuda, cuda:1, ...", "cpu");
        Option<string> type = ModelTypes.Option(this, "The weights' type in memory; float32 on the CPU and the stored one elsewhere if not given.", null);
        Option<string?> adapter = Option<string>("--adapter", "A LoRA adapter's folder (PEFT's layout).");
        SetAction(result =>
        {
            (int n, ulong key) = (result.GetValue(count), result.GetValue(seed));
            var settings = new SamplingSettings(result.GetValue(limit), result.GetValue(temperature), result.GetValue(topK), result.GetValue(topP), result.GetValue(penalty), result.GetValue(stops));
            if (n < 1 || n > 1 && settings.Temperature == 0)
                throw new RomaException(n < 1 ? $"--n is at least 1, not {n}." : $"At temperature 0 all {n} replies would be the same.", n < 1 ? null : "Set --temperature above 0.");
            RgbImage[] pictures = [.. result.GetValue(images)!.Select(file => ImageCodec.Load(file))];
            using VisionLanguageModel loaded = VisionLanguageModel.Load(CheckpointStore.ModelOf(result.GetValue(model)!), Devices.Parse(result.GetValue(device)!),
                result.GetValue(type) is { } named ? ModelTypes.Parse(named) : null);
            if (result.GetValue(adapter) is { } folder)
                LoraAdapter.Load(loaded, folder);
            Message[] messages = [.. result.GetValue(system) is { } text ? [new Message("system", text)] : Array.Empty<Message>(), Message.User(result.GetValue(prompt)!, pictures.Length)];
            Run(terminal, loaded, messages, pictures, n, settings, i => CounterRandom.Of("generate", key, i), result.GetValue(stream));
            return Application.Done;
        });
    }

    private static void Run(Terminal terminal, VisionLanguageModel model, Message[] messages, RgbImage[] images, int count, SamplingSettings settings, Func<int, CounterRandom> streams, bool live)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable grad = torch.no_grad();
        Grid[] grids = [.. images.Select(image => model.Processor.Images.GridOf(image.Width, image.Height))];
        TokenPrompt prompt = model.Prompt(messages, grids);
        TextGenerator generator = model.Generator();
        generator.Refuse([prompt], settings); // before pictures are encoded
        var replies = new ReplyPrinter(terminal, model.Processor.Tokenizer, count, model.EndTokens);
        long start = Stopwatch.GetTimestamp();
        VisionFeatures? features = images.Length == 0 ? null : model.Network.Encode(model.Patches(images, out grids), grids);
        IReadOnlyList<GeneratedSequence> sequences = [.. generator.Generate([prompt], features, count, settings, streams, terminal.Cancellation, live ? replies.Show : null).Select(sequence => sequence.RefuseBroken(model.Directory))];
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        replies.Finish(sequences);
        int tokens = sequences.Sum(reply => reply.Tokens.Length);
        terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prompt.Ids.Length} prompt tokens, {tokens} new ones in {seconds:F2} s ({tokens / seconds:G3}/s)"));
    }
}
