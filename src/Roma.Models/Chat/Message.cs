using Roma.Core;

namespace Roma.Models.Chat;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
/// <param name="Content">Its text and pictures in order.</param>
public sealed record Message(string Role, IReadOnlyList<Part> Content)
{
    private const string Placeholder = "<image>";

    /// <summary>A turn of text alone.</summary>
    /// <param name="role"><c>system</c>, <c>user</c> or <c>assistant</c>.</param>
    /// <param name="text">What is said.</param>
    public Message(string role, string text) : this(role, [new Part(text)]) { }

    /// <summary>Number of pictures in the turn.</summary>
    public int Images => Content.Count(part => part.IsImage);

    /// <summary>A question about pictures: they stand where the text says <c>&lt;image&gt;</c>, or before it where it never does.</summary>
    /// <param name="text">The user's text.</param>
    /// <param name="images">Number of pictures.</param>
    /// <exception cref="RomaException">The text has another number of placeholders than there are pictures.</exception>
    public static Message User(string text, int images)
    {
        string[] pieces = text.Split(Placeholder);
        if (images == 0 || pieces.Length == 1)
            return new Message("user", [.. Enumerable.Repeat(Part.Image, images), new Part(text)]);
        if (pieces.Length - 1 != images)
            throw new RomaException($"The question has {pieces.Length - 1} {Placeholder} placeholders and {images} pictures.", "Give one placeholder a picture, or none at all.");
        var parts = new List<Part>();
        for (int i = 0; i < pieces.Length; i++)
        {
            if (i > 0)
                parts.Add(Part.Image);
            if (pieces[i].Length > 0)
                parts.Add(new Part(pieces[i]));
        }
        return new Message("user", parts);
    }
}
