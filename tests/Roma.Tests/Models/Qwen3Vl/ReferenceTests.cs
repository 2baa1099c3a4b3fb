using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models;
using Roma.Models.Generation;
using Roma.Models.Layers;
using Roma.Models.Processing;
using Roma.Models.Scoring;
using Roma.Models.Verification;
using Roma.Training.Optimization;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Qwen3Vl;

/// <summary>The models against the reference implementation's values.</summary>
[Trait("Category", "Golden")]
public sealed class ReferenceTests(ITestOutputHelper output) : IDisposable
{
    private const double LogitTolerance = 1e-4;
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [SkippableFact]
    public void The_implemented_architecture_is_among_the_checkpoints() => Assert.Contains(Directory.GetDirectories(Golden.PathOf("models")), GoldenModels.IsImplemented);

    [SkippableTheory]
    [MemberData(nameof(GoldenModels.Folders), "*/cases/*", MemberType = typeof(GoldenModels))]
    public void Every_stage_agrees(string relative)
    {
        (VisionLanguageModel model, ReferenceCase reference) = Open(relative);
        using (model)
        using (reference)
        {
            IReadOnlyList<StageDifference> stages = ReferenceCheck.Run(model, reference);
            foreach (StageDifference stage in stages)
                output.WriteLine($"{stage.Stage,-24} {stage.Measure,-30} {stage.Difference:E1} of {stage.Tolerance:E1}");
            string[] names = [.. stages.Select(stage => stage.Stage)];
            string[] expected = [.. reference.Names.Where(name => name.StartsWith("text.") || name.StartsWith("vision.")), "processor.tokens", "processor.positions", "logits", "response_logprobs", "loss", "gradient_norms", "generated"];
            Assert.Empty(expected.Except(names));
            Assert.Equal(reference.Grids.Count > 0, names.Contains("processor.patches"));
            Assert.Equal(File.Exists(Path.Combine(reference.Folder, "gradients.safetensors")), names.Contains("gradients"));
            Assert.DoesNotContain(stages, stage => !stage.Holds);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(GoldenModels.Folders), "*/cases/*", MemberType = typeof(GoldenModels))]
    public void A_wrong_weight_is_found_at_the_stage_that_uses_it(string relative)
    {
        (VisionLanguageModel model, ReferenceCase reference) = Open(relative);
        using (model)
        using (reference)
        {
            using (no_grad())
                model.Network.named_parameters().Single(p => p.name.EndsWith("layers.1.mlp.up_proj.weight")).parameter.mul_(1.01f);
            StageDifference[] departing = [.. ReferenceCheck.Run(model, reference).Where(stage => !stage.Holds)];
            Assert.Equal("text.layer.1", departing[0].Stage);
            Assert.Empty(new[] { "logits", "response_logprobs", "loss", "gradient_norms" }.Except(departing.Select(stage => stage.Stage)));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(GoldenModels.Folders), "*/cases/*", MemberType = typeof(GoldenModels))]
    public void Conversations_and_pictures_give_the_same_replies(string relative)
    {
        (VisionLanguageModel model, ReferenceCase reference) = Open(relative);
        using (model)
        using (reference)
        {
            RgbImage[][] images = [.. reference.Images.Select(files => files.Select(file => ImageCodec.Load(file)).ToArray())];
            VisionFeatures? features = null;
            if (images.Any(own => own.Length > 0))
                features = model.Network.Encode(model.Patches([.. images.SelectMany(own => own)], out Grid[] grids), grids);
            TokenPrompt[] prompts = [.. images.Zip(reference.Conversations, (own, messages) => model.Prompt(messages, [.. own.Select(image => model.Processor.Images.GridOf(image.Width, image.Height))]))];
            Assert.Equal(model.SuppressedTokens, reference.SuppressedTokens);
            (long[] generated, int length) = Generated(reference);
            float[] top2 = reference.Read("generated_top2").data<float>().ToArray();
            IReadOnlyList<GeneratedSequence> replies = model.Generator().Generate(prompts, features, 1, new(length, 0));
            JsonArray texts = JsonNode.Parse(File.ReadAllText(Path.Combine(reference.Folder, "case.json")))!["generated_text"]!.AsArray();
            for (int b = 0; b < prompts.Length; b++)
            {
                int[] own = replies[b].Tokens;
                int t = Enumerable.Range(0, own.Length).FirstOrDefault(t => own[t] != generated[b * length + t], own.Length);
                if (t < own.Length)
                    Assert.True(top2[2 * (b * length + t)] - top2[2 * (b * length + t) + 1] < LogitTolerance, $"reply {b} differs at token {t}");
                else if (own.Length == length)
                    Assert.Equal((string)texts[b]!, model.Processor.Tokenizer.Decode(own, skipSpecial: false));
                else
                    Assert.Contains(own[^1], model.EndTokens);
            }
        }
    }

    [SkippableTheory]
    [MemberData(nameof(GoldenModels.Folders), "*/cases/*", MemberType = typeof(GoldenModels))]
    public void In_bfloat16_the_logits_are_as_near_as_the_references(string relative)
    {
        (VisionLanguageModel model, ReferenceCase reference) = Open(relative, ScalarType.BFloat16);
        using (model)
        using (reference)
        {
            using IDisposable _ = no_grad();
            VisionFeatures? features = reference.Grids.Count == 0 ? null : model.Network.Encode(reference.Read("pixel_values"), reference.Grids);
            var layout = new PackedLayout([.. reference.Prompts.Zip(reference.Responses, (prompt, response) => prompt.Ids.Length + response.Length)], []);
            TokenBatch tokens = model.Network.Tokens([.. reference.Prompts.Zip(reference.Responses).SelectMany(pair => pair.First.Ids.Concat(pair.Second))],
                [.. reference.Prompts.Zip(reference.Responses).SelectMany(pair => pair.First.Positions.Concat(pair.Second.Select((_, t) => (pair.First.Next + t, pair.First.Next + t, pair.First.Next + t))))], layout);
            Tensor logits = model.Network.Normalize(model.Network.Forward(tokens, features)).mm(model.Network.Head_VH.t());
            Assert.Equal(ScalarType.BFloat16, logits.dtype);
            float distance = (logits.to(ScalarType.Float32) - reference.ReadRows("logits")).abs().max().item<float>();
            float allowed = 1.5f * (float)JsonNode.Parse(File.ReadAllText(Path.Combine(reference.Folder, "case.json")))!["bf16_to_fp32_max_logit_difference"]!;
            output.WriteLine($"{distance} of {allowed}");
            Assert.True(distance <= allowed, $"{distance} is above {allowed}");
        }
    }

    [SkippableTheory]
    [MemberData(nameof(GoldenModels.Files), "*/training/adamw.json", MemberType = typeof(GoldenModels))]
    public void Five_steps_of_AdamW_lead_to_the_same_weights(string relative)
    {
        JsonNode expected = JsonNode.Parse(File.ReadAllText(Golden.PathOf(relative)))!;
        string folder = Path.GetFullPath(Path.Combine(Golden.PathOf(relative), "..", ".."));
        double first = (double)expected["steps"]![0]!["loss"]!;
        string? found = Directory.GetDirectories(Path.Combine(folder, "cases")).Where(path => Math.Abs((double)JsonNode.Parse(File.ReadAllText(Path.Combine(path, "case.json")))!["loss"]! - first) < 1e-4).SingleOrDefault();
        Assert.NotNull(found); // the case that was trained on is told by its loss
        using VisionLanguageModel model = VisionLanguageModel.Load(Path.Combine(folder, "checkpoint"));
        using ReferenceCase reference = ReferenceCase.Open(found);
        (string, TorchSharp.Modules.Parameter)[] parameters = [.. model.Network.named_parameters().Select(p => (p.name, p.parameter))];
        using var optimizer = new AdamW(parameters, new(Lr: 1e-3, WeightDecay: 0.01, DecayAll: true));
        foreach (JsonNode? step in expected["steps"]!.AsArray())
        {
            using DisposeScope scope = NewDisposeScope();
            VisionFeatures? features = reference.Grids.Count == 0 ? null : model.Network.Encode(reference.Read("pixel_values"), reference.Grids);
            Tensor loss = -TeacherForcing.LogProbs(model.Network, reference.Prompts, features, reference.Responses).sum() / reference.Responses.Sum(response => response.Length);
            loss.backward();
            Close((double)step!["loss"]!, loss.item<float>());
            Close((double)step["gradient_norm"]!, optimizer.ClipGradNorm(1.0));
            optimizer.Step(1e-3);
            optimizer.ZeroGrad();
        }
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in parameters)
            Close((double)expected["parameter_norms"]![name]!, parameter.to(ScalarType.Float64).norm().item<double>());

        void Close(double wanted, double found) => Assert.True(Math.Abs(found - wanted) <= 1e-4 * Math.Max(1, Math.Abs(wanted)), $"{found} instead of {wanted}");
    }

    private static (VisionLanguageModel Model, ReferenceCase Reference) Open(string relative, ScalarType? type = null)
    {
        string path = Golden.PathOf(relative), folder = Path.GetFullPath(Path.Combine(path, "..", ".."));
        return (VisionLanguageModel.Load(Path.Combine(folder, "checkpoint"), type: type), ReferenceCase.Open(path));
    }

    private static (long[] Generated, int Length) Generated(ReferenceCase reference)
    {
        Tensor generated = reference.Read("generated");
        return (generated.data<long>().ToArray(), (int)generated.shape[1]);
    }
}
