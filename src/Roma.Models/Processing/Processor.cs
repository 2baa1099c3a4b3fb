using Roma.Core;
using Roma.Models.Chat;
using Roma.Models.Checkpoints;
using Roma.Models.Tokenization;

namespace Roma.Models.Processing;

/// <summary>Chat format, tokenizer and image processor of a model folder together. Thread-safe.</summary>
public sealed class Processor
{
    private const string ImagePad = "<|image_pad|>", Padding = "<|endoftext|>";

    /// <summary>Puts a processor together.</summary>
    /// <param name="format">How conversations become text.</param>
    /// <param name="tokenizer">How text becomes ids; it must own the image token.</param>
    /// <param name="images">How pictures become patches.</param>
    /// <exception cref="RomaException">The tokenizer lacks the image or the padding token.</exception>
    public Processor(ChatFormat format, Tokenizer tokenizer, ImageProcessor images)
    {
        (Format, Tokenizer, Images) = (format, tokenizer, images);
        (ImageToken, PadToken) = (tokenizer.IdOf(ImagePad), tokenizer.IdOf(Padding));
    }

    /// <summary>How conversations become text.</summary>
    public ChatFormat Format { get; }

    /// <summary>How text becomes ids.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>How pictures become patches.</summary>
    public ImageProcessor Images { get; }

    /// <summary>The id that stands for a token of a picture.</summary>
    public int ImageToken { get; }

    /// <summary>The id that fills shorter rows of a batch.</summary>
    public int PadToken { get; }

    /// <summary>Loads <c>tokenizer.json</c>, the image processor's settings and the architecture from a model folder.</summary>
    /// <param name="directory">The model folder.</param>
    /// <exception cref="RomaException">Something is missing, invalid or not supported.</exception>
    public static Processor Load(string directory)
    {
        string config = Path.Combine(directory, "config.json");
        var reader = new ConfigReader(JsonFile.ReadObject(config), config);
        string architecture = reader.Text(["architectures.0"]);
        reader.ThrowIfFaulty();
        return new Processor(ChatFormat.Of(architecture), Tokenizer.Load(directory), new ImageProcessor(ImageSettings.Load(directory)));
    }

    /// <summary>Encodes a conversation and its pictures, ending with the head of the assistant's turn.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="images">Its pictures, in order.</param>
    /// <exception cref="RomaException">Pictures and their places do not match, or a picture is too long.</exception>
    public EncodedPrompt Encode(IReadOnlyList<Message> messages, IReadOnlyList<RgbImage> images)
    {
        int[] ids = EncodeText(messages, [.. images.Select(image => Images.GridOf(image.Width, image.Height))]);
        (float[] patches, Grid[] grids) = Images.Process(images);
        return new EncodedPrompt(ids, patches, grids);
    }

    /// <summary>The ids of a conversation from its pictures' grids alone: views of the same pictures share them.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="grids">Its pictures' grids, in order; see <see cref="ImageProcessor.GridOf"/>.</param>
    /// <exception cref="RomaException">Pictures and their places do not match.</exception>
    public int[] EncodeText(IReadOnlyList<Message> messages, IReadOnlyList<Grid> grids) => Expand(Tokenizer.Encode(Format.Render(messages)), grids);

    /// <summary>Repeats each image token as often as its picture has tokens.</summary>
    /// <param name="ids">Ids with one image token a picture.</param>
    /// <param name="grids">The pictures' grids, in order.</param>
    /// <exception cref="RomaException">There is another number of image tokens than of pictures.</exception>
    public int[] Expand(IReadOnlyList<int> ids, IReadOnlyList<Grid> grids)
    {
        int places = ids.Count(id => id == ImageToken), image = 0;
        if (places != grids.Count)
            throw new RomaException($"The prompt has {places} places for pictures ({ImagePad}) and {grids.Count} pictures.", "Give each picture one place, and do not write the token into the text.");
        var expanded = new List<int>(ids.Count + grids.Sum(grid => grid.Tokens(Images.Settings.MergeSize)));
        foreach (int id in ids)
        {
            int repeat = id == ImageToken ? grids[image++].Tokens(Images.Settings.MergeSize) : 1;
            for (int i = 0; i < repeat; i++)
                expanded.Add(id);
        }
        return [.. expanded];
    }

    /// <summary>Rotary positions of a prompt: three rows (time, height, width), and the position of the next token.</summary>
    /// <param name="ids">Token ids, pictures expanded, possibly with a response.</param>
    /// <param name="grids">The pictures' grids, in order.</param>
    /// <exception cref="RomaException">The picture tokens do not match the grids.</exception>
    public (int[] Positions, int Next) Positions(ReadOnlySpan<int> ids, IReadOnlyList<Grid> grids)
    {
        int[] positions = new int[3 * ids.Length];
        return (positions, MRope.Fill(ids, grids, ImageToken, Images.Settings.MergeSize, positions));
    }
}
