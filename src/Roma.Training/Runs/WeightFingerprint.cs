using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Roma.Training.Runs;

/// <summary>
/// Tells whether the weights that a run needs and does not write, those below an adapter and of a reference policy, are still the same: SHA-256 over names and sizes of the safetensors files of their folders and
/// over 4 KiB at each of 1024 evenly spread places of each file, so that 16 GB take no longer than small ones. Files of up to 4 MiB are read whole; in larger ones a change of single tensors can escape it.
/// </summary>
public static class WeightFingerprint
{
    private const int Places = 1024, Block = 4096;

    /// <summary>The fingerprint of the weights in some folders.</summary>
    /// <param name="folders">Model folders, in order.</param>
    public static string Of(IEnumerable<string> folders)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[Block], length = new byte[sizeof(long)];
        foreach (string path in folders.SelectMany(folder => Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)))
        {
            using FileStream file = File.OpenRead(path);
            BinaryPrimitives.WriteInt64LittleEndian(length, file.Length);
            hash.AppendData(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
            hash.AppendData(length);
            for (long stride = Math.Max(Block, file.Length / Places), place = 0; place < file.Length; place += stride)
            {
                file.Position = place;
                hash.AppendData(block.AsSpan(0, file.ReadAtLeast(block, Block, throwOnEndOfStream: false)));
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
