using System.Security.Cryptography;
using Roma.Core;

namespace Roma.Cli.Verbs.Corrupting;

/// <summary>A clean picture that several threads need: read and decoded once, by the first of them, and let go after the last.</summary>
internal sealed class SourcePicture(string path, string name, int uses)
{
    private readonly Lazy<string> _hash = new(() => HashOf(path));
    private Lazy<RgbImage>? _image = new(() => ImageCodec.Load(path));
    private int _left = uses;

    public string Path => path;

    public string Name => name;

    /// <summary>SHA-256 of the file, in small hexadecimal digits.</summary>
    public string Hash => _hash.Value;

    public RgbImage Image => _image!.Value;

    /// <summary>Says that one of the uses is over.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _left) == 0)
            _image = null;
    }

    private static string HashOf(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RomaException($"The picture {path} cannot be read: {e.Message}", inner: e);
        }
    }
}
