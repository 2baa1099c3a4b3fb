using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Processing;
using Roma.Training.Runs;
using TorchSharp;

namespace Roma.Cli.Verbs;

/// <summary>Asks a model about pictures.</summary>
internal sealed class GenerateVerb : Verb
{
    public GenerateVerb(Terminal terminal) : base("generate", "Ask a model about pictures, or about nothing but text.",
        "roma generate --model models/nano --image grid.png --prompt \"What digit is at the top?\"",
        "roma generate --model models/nano --image grid.png --prompt \"Think.\" --n 4 --temperature 1 --seed 7     # four samples",
        "roma generate --model models/nano --image a.png b.png --prompt \"Is <image> larger than <image>?\"")
    {
        Option<string?> model = Option<string>("--model", "The model folder; a run's folder stands for its newest checkpoint.");
        Option<string?> prompt = Option<string>("--prompt", "The question; pictures stand before it, or where it says <image>.");
        model.Required = prompt.Required = true;
        Option<string[]> images = Option("--image", "Pictures, in order.", Array.Empty<string>());
        images.AllowMultipleArgumentsPerToken = true;
        Option<int> count = Option("--n", "How many replies.", 1);
        Option<double> temperature = Option("--temperature", "0 takes the most likely token; 1 draws as the model says.", 0.0);
        Option<ulong> seed = Option("--seed", "Seeds the draws.", 0UL);
        Option<int> limit = Option("--max-tokens", "Most new tokens of a reply.", 512);
        SetAction(result => Run(terminal, result.GetValue(model)!, result.GetValue(images)!, result.GetValue(prompt)!, result.GetValue(count), result.GetValue(seed),
            new SamplingSettings(result.GetValue(limit), result.GetValue(temperature))));
    }

    private static int Run(Terminal terminal, string directory, string[] files, string question, int count, ulong seed, SamplingSettings settings)
    {
        if (count < 1 || count > 1 && settings.Temperature == 0)
            throw new RomaException(count < 1 ? $"--n is at least 1, not {count}." : $"At temperature 0 all {count} replies would be the same.", count < 1 ? null : "Set --temperature above 0.");
        RgbImage[] images = [.. files.Select(file => ImageCodec.Load(file))];
        using VisionLanguageModel model = VisionLanguageModel.Load(CheckpointStore.ModelOf(directory));
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable grad = torch.no_grad();
        Grid[] grids = [.. images.Select(image => model.Processor.Images.GridOf(image.Width, image.Height))];
        TokenPrompt prompt = model.Prompt(question, grids);
        long start = Stopwatch.GetTimestamp();
        VisionFeatures? features = images.Length == 0 ? null : model.Network.Encode(model.Patches(images, out grids), grids);
        IReadOnlyList<GeneratedSequence> replies = model.Generator().Generate([prompt], features, count, settings, i => CounterRandom.Of("generate", seed, i), terminal.Cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        foreach ((int i, GeneratedSequence reply) in replies.Index())
        {
            if (count > 1)
                terminal.WriteLine($"--- {i + 1}");
            terminal.WriteLine(model.Processor.Tokenizer.Decode(reply.Tokens, skipSpecial: true) + (reply.Finished ? "" : " [cut off]"));
        }
        int tokens = replies.Sum(reply => reply.Tokens.Length);
        terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{prompt.Ids.Length} prompt tokens, {tokens} new ones in {seconds:F2} s ({tokens / seconds:F0}/s)"));
        return Application.Done;
    }
}
