using System.Text.Json.Nodes;
using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Processing;
using TorchSharp;
using static TorchSharp.torch;

namespace Roma.Models.Verification;

/// <summary>
/// What the reference implementation computes for a few conversations: a folder with <c>case.json</c> (conversations, responses, loss), <c>tensors.safetensors</c>
/// (inputs and every intermediate, padded on the left) and perhaps <c>gradients.safetensors</c>; pictures lie in <c>../../images</c>.
/// </summary>
public sealed class ReferenceCase : IDisposable
{
    private readonly SafetensorsFile _tensors;

    private ReferenceCase(string folder)
    {
        Folder = folder;
        JsonObject json = JsonFile.ReadObject(Path.Combine(folder, "case.json"));
        Conversations = [.. json["conversations"]!.AsArray().Select(conversation => MessagesOf(conversation!.AsArray()))];
        Images = [.. json["conversations"]!.AsArray().Select(conversation => ImagesOf(conversation!.AsArray()))];
        SuppressedTokens = [.. json["suppressed_tokens"]!.AsArray().Select(id => (int)id!)];
        GradientNorms = json["gradient_norms"]!.AsObject().ToDictionary(pair => pair.Key, pair => (double)pair.Value!);
        Loss = (double)json["loss"]!;
        _tensors = SafetensorsFile.Open(Path.Combine(folder, "tensors.safetensors"));
        Grids = Has("image_grid_thw") ? [.. Longs("image_grid_thw").Chunk(3).Select(size => new Grid((int)size[0], (int)size[1], (int)size[2]))] : [];
        (Rows, Prompts, Responses) = Unpad();
    }

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>The conversations.</summary>
    public IReadOnlyList<Message[]> Conversations { get; }

    /// <summary>The pictures' files of each conversation.</summary>
    public IReadOnlyList<string[]> Images { get; }

    /// <summary>The grids of all pictures, in order.</summary>
    public IReadOnlyList<Grid> Grids { get; }

    /// <summary>The prompts as token rows, without padding.</summary>
    public IReadOnlyList<TokenPrompt> Prompts { get; }

    /// <summary>The given response to each prompt.</summary>
    public IReadOnlyList<int[]> Responses { get; }

    /// <summary>Where each token of the prompts followed by their responses stands in the padded tensors, as row of [B T].</summary>
    public IReadOnlyList<long> Rows { get; }

    /// <summary>Tokens that greedy generation left out.</summary>
    public IReadOnlyList<int> SuppressedTokens { get; }

    /// <summary>Minus the mean log-probability of all response tokens.</summary>
    public double Loss { get; }

    /// <summary>The norm of the loss's gradient to each parameter.</summary>
    public IReadOnlyDictionary<string, double> GradientNorms { get; }

    /// <summary>Names of the stored tensors.</summary>
    public IEnumerable<string> Names => _tensors.Tensors.Keys;

    /// <summary>Opens a case.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="RomaException">It is no case or incomplete.</exception>
    public static ReferenceCase Open(string folder)
    {
        try
        {
            return new ReferenceCase(folder);
        }
        catch (Exception e) when (e is InvalidOperationException or NullReferenceException or FormatException or ArgumentException or IndexOutOfRangeException)
        {
            throw new RomaException($"{folder} is not a reference case: {e.Message}", "Give a folder with case.json and tensors.safetensors as the reference scripts write them.", e);
        }
    }

    /// <summary>Whether a tensor is stored.</summary>
    /// <param name="name">Its name.</param>
    public bool Has(string name) => _tensors.Tensors.ContainsKey(name);

    /// <summary>The shape of a stored tensor.</summary>
    internal IReadOnlyList<long> Shape(string name) => _tensors.Tensors[name].Shape;

    /// <summary>A stored tensor.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="RomaException">There is none of that name.</exception>
    public Tensor Read(string name) => _tensors.Read(name);

    /// <summary>The tokens of a stored [B, T, ...] tensor without padding: [N, width], fp32.</summary>
    /// <param name="name">Its name.</param>
    public Tensor ReadRows(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        return Read(name).to(ScalarType.Float32).flatten(0, 1).index_select(0, tensor(Rows.ToArray())).MoveToOuterDisposeScope();
    }

    /// <summary>The values of an int64 tensor.</summary>
    internal long[] Longs(string name)
    {
        using Tensor tensor = _tensors.Read(name);
        return tensor.data<long>().ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _tensors.Dispose();

    private (long[] Rows, TokenPrompt[] Prompts, int[][] Responses) Unpad()
    {
        long[] ids = Longs("input_ids"), mask = Longs("attention_mask"), response = Longs("response_mask"), positions = Has("position_ids") ? Longs("position_ids") : [];
        int B = Conversations.Count, T = ids.Length / B;
        var rows = new List<long>();
        var prompts = new TokenPrompt[B];
        int[][] responses = new int[B][];
        for (int b = 0; b < B; b++)
        {
            int[] own = [.. Enumerable.Range(b * T, T).Where(at => mask[at] != 0)], prompt = [.. own.Where(at => response[at] == 0)];
            rows.AddRange(own.Select(at => (long)at));
            prompts[b] = new([.. prompt.Select(at => (int)ids[at])], [.. prompt.Select((at, t) => positions.Length == 0 ? (t, t, t) : At(at))]);
            responses[b] = [.. own.Where(at => response[at] != 0).Select(at => (int)ids[at])];
        }
        return ([.. rows], prompts, responses);

        (int, int, int) At(int at) => ((int)positions[at], (int)positions[ids.Length + at], (int)positions[2 * ids.Length + at]);
    }

    private static Message[] MessagesOf(JsonArray conversation) => [.. conversation.Select(message => message!["content"] is JsonArray parts
        ? new Message((string)message["role"]!, [.. parts.Select(part => IsImage(part!) ? Part.Image : new Part((string)part!["text"]!))])
        : new Message((string)message["role"]!, (string)message["content"]!))];

    private string[] ImagesOf(JsonArray conversation) => [.. conversation.SelectMany(message => message!["content"] as JsonArray ?? []).Where(part => IsImage(part!))
        .Select(part => Path.Combine(Folder, "..", "..", "images", Path.GetFileName((string)part!["image"]!)))];

    private static bool IsImage(JsonNode part) => (string)part["type"]! == "image";
}
