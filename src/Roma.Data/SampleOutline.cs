namespace Roma.Data;

/// <summary>What is known of a stored sample without decoding its pictures.</summary>
/// <param name="Id">As in the sample.</param>
/// <param name="Question">As in the sample.</param>
/// <param name="Sizes">Width and height of each picture in pixels, from its header.</param>
/// <param name="Answer">As in the sample.</param>
/// <param name="Digest">SHA-256 of everything stored for it, pictures included.</param>
public sealed record SampleOutline(string Id, string Question, IReadOnlyList<(int Width, int Height)> Sizes, string Answer, byte[] Digest);
