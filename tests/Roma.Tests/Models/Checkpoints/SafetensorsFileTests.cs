using System.Buffers.Binary;
using System.Text;
using Roma.Core;
using Roma.Models.Checkpoints;
using static TorchSharp.torch;

namespace Roma.Tests.Models.Checkpoints;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("roma").FullName;

    public static TheoryData<ScalarType> Types =>
        [ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64];

    public static TheoryData<string, string> BadHeaders => new()
    {
        { "gap", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""" },
        { "overlap", """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""" },
        { "short of the end", """{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""" },
        { "beyond the end", """{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""" },
        { "negative size", """{"a":{"dtype":"U8","shape":[-2,-2],"data_offsets":[0,4]}}""" },
        { "overflow", """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""" },
        { "shape against bytes", """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""" },
        { "unknown type", """{"a":{"dtype":"PICKLE","shape":[4],"data_offsets":[0,4]}}""" },
        { "backward offsets", """{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}""" },
        { "missing member", """{"a":{"dtype":"U8","shape":[4]}}""" },
        { "twice", """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""" },
        { "no object", "[1,2]" },
        { "no JSON", "nonsense" },
        { "fractional size", """{"a":{"dtype":"U8","shape":[4.5],"data_offsets":[0,4]}}""" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Types))]
    public void WhatIsWrittenIsRead(ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor a = arange(0, 24).reshape(2, 3, 4).transpose(0, 2).to(type), scalar = ones([], type), none = zeros([0, 3], type), odd = ones([3], ScalarType.Byte);
        string path = Write(("a", a), ("scalar", scalar), ("none", none), ("odd", odd));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal("pt", file.Metadata["format"]);
        Assert.Equal([4, 3, 2], file.Tensors["a"].Shape);
        Assert.All(file.Tensors.Values.Where(t => t.Bytes > 0), t => Assert.Equal(0, t.Offset % (t.Bytes / t.Count)));
        foreach ((string name, Tensor expected) in new[] { ("a", a), ("scalar", scalar), ("none", none), ("odd", odd) })
        {
            Tensor read = file.Read(name);
            Assert.Equal(expected.dtype, read.dtype);
            Assert.Equal(expected.shape, read.shape);
            Assert.Equal(expected.contiguous().bytes.ToArray(), read.bytes.ToArray());
        }
    }

    [Fact]
    public void TensorsOutliveTheFileAndWritesToThemStayPrivate()
    {
        string path = Write(("a", arange(0, 5, ScalarType.Float32)));
        Tensor read;
        using (var file = SafetensorsFile.Open(path))
            read = file.Read("a");
        read.fill_(7);
        Assert.Equal(7f, read[4].item<float>());
        using var again = SafetensorsFile.Open(path);
        Assert.Equal([0f, 1, 2, 3, 4], again.Read("a").data<float>().ToArray());
    }

    [Fact]
    public void UnalignedTensorsAreCopied()
    {
        byte[] data = [9, .. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];
        string path = Raw("""{"odd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}""", data);
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1.5f, -2f], file.Read("a").data<float>().ToArray());
        Assert.Equal([9], file.Read("odd").bytes.ToArray());
    }

    [Theory]
    [MemberData(nameof(BadHeaders))]
    public void ABadHeaderIsRefused(string what, string header)
    {
        var fault = Assert.Throws<RomaException>(() => SafetensorsFile.Open(Raw(header, new byte[4])));
        Assert.True(fault.Message.Contains("not a valid safetensors file", StringComparison.Ordinal), what + ": " + fault.Message);
    }

    [Fact]
    public void Ten_thousand_mutated_headers_open_or_are_refused_and_never_crash()
    {
        const string Header = """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b.c":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"d":{"dtype":"U8","shape":[],"data_offsets":[32,33]}}""";
        byte[] json = Encoding.UTF8.GetBytes(Header), whole = [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[33]];
        string[] tokens = ["-", "9", "99999999999999999999", "4611686018427387904", "{", "}", "[", "]", ",", ":", "\"", "null", "1e308", "\"F64\"", "\"I64\"", "\\u0000", "\"a\"", "data_offsets", "\uFFFD"];
        CounterRandom random = CounterRandom.Of("headers");
        string path = Path.Combine(_folder, "mutated.safetensors");
        int opened = 0, refused = 0;
        for (int round = 0; round < 10_000; round++)
        {
            var bytes = new List<byte>(whole);
            for (int edits = random.Integer(1, 4); edits > 0; edits--)
            {
                int at = random.Integer(0, Math.Min(bytes.Count, json.Length + 8));
                switch (random.Integer(0, 5))
                {
                    case 0:
                        bytes[at] = (byte)random.Integer(0, 256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Integer(1, 9), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(tokens[random.Integer(0, tokens.Length)]));
                        break;
                    case 3:
                        bytes[at] = (byte)('0' + random.Integer(0, 10));
                        break;
                    default:
                        bytes.RemoveRange(at, bytes.Count - at);
                        break;
                }
                if (bytes.Count == 0)
                    break;
            }
            if (bytes.Count >= 8 && random.Integer(0, 2) == 0) // half of them with a length that is right again: deeper faults show
                BitConverter.GetBytes(Math.Max(0, (long)bytes.Count - 8 - 33)).CopyTo(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(bytes));
            File.WriteAllBytes(path, [.. bytes]);
            try
            {
                using var scope = NewDisposeScope();
                using var file = SafetensorsFile.Open(path);
                foreach ((string name, TensorInfo info) in file.Tensors)
                    Assert.Equal(info.Bytes, file.Read(name).bytes.Length);
                opened++;
            }
            catch (RomaException)
            {
                refused++;
            }
        }
        Assert.Equal(10_000, opened + refused);
        Assert.InRange(opened, 100, 5_000); // values and names may change without harm
    }

    [Fact]
    public void A_tensor_is_copied_into_memory_of_another_type()
    {
        using var scope = NewDisposeScope();
        Tensor values = randn(3_000_000);
        using var file = SafetensorsFile.Open(Write(("a", values), ("b", values.to(ScalarType.BFloat16))));
        Tensor wide = empty(3_000_000), narrow = empty(3_000_000, ScalarType.BFloat16);
        file.CopyTo("a", wide);
        file.CopyTo("a", narrow);
        Assert.True(wide.bytes.SequenceEqual(values.bytes));
        Assert.True(narrow.bytes.SequenceEqual(file.Read("b").bytes));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(99_000_000)]
    public void ALyingHeaderLengthIsRefusedBeforeItIsAllocated(long length)
    {
        byte[] bytes = new byte[64];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        File.WriteAllBytes(Path.Combine(_folder, "x.safetensors"), bytes);
        Assert.Throws<RomaException>(() => SafetensorsFile.Open(Path.Combine(_folder, "x.safetensors")));
    }

    [Theory]
    [InlineData("model.bin", "")]
    [InlineData("model.pt", "")]
    [InlineData("model.PTH", "")]
    [InlineData("model.ckpt", "")]
    [InlineData("disguised.safetensors", "PK\u0003\u0004zipzip")]
    [InlineData("disguised.safetensors", "\u0080\u0002}q.")]
    public void PicklesAreRefused(string name, string content)
    {
        File.WriteAllBytes(Path.Combine(_folder, name), Encoding.Latin1.GetBytes(content));
        var fault = Assert.Throws<RomaException>(() => SafetensorsFile.Open(Path.Combine(_folder, name)));
        Assert.Contains("pickle", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AHeaderWhoseLengthLooksLikeAPickleIsRead()
    {
        string header = """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""".PadRight(0x280);
        using var file = SafetensorsFile.Open(Raw(header, new byte[4]));
        Assert.Single(file.Tensors);
    }

    [Fact]
    public void AFailedWriteLeavesTheOldFileAndNothingElse()
    {
        string path = Write(("a", ones(3)));
        byte[] before = File.ReadAllBytes(path);
        Assert.Throws<RomaException>(() => SafetensorsFile.Write(path, [KeyValuePair.Create("a", zeros([2], ScalarType.ComplexFloat32))]));
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [SkippableTheory]
    [Trait("Category", "Golden")]
    [MemberData(nameof(Golden.Files), "models", "*/*/*.safetensors", MemberType = typeof(Golden))]
    public void GoldenFilesAreRewrittenBitForBit(string relative)
    {
        using var scope = NewDisposeScope();
        using var original = SafetensorsFile.Open(Golden.PathOf(relative));
        Assert.NotEmpty(original.Tensors);
        string path = Write([.. original.Tensors.Keys.Select(name => (name, original.Read(name)))]);
        using var copy = SafetensorsFile.Open(path);
        Assert.Equal(original.Tensors.Keys.Order(), copy.Tensors.Keys.Order());
        foreach ((string name, TensorInfo info) in original.Tensors)
        {
            Assert.Equal((info.Type, info.Bytes), (copy.Tensors[name].Type, copy.Tensors[name].Bytes));
            Assert.Equal(info.Shape, copy.Tensors[name].Shape);
            Assert.Equal(File.ReadAllBytes(original.Path).AsSpan((int)info.Offset, (int)info.Bytes), copy.Read(name).bytes);
        }
    }

    private string Write(params (string Name, Tensor Value)[] tensors)
    {
        string path = Path.Combine(_folder, "written.safetensors");
        SafetensorsFile.Write(path, tensors.Select(t => KeyValuePair.Create(t.Name, t.Value)));
        return path;
    }

    private string Raw(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header), length = BitConverter.GetBytes((long)json.Length);
        string path = Path.Combine(_folder, "raw.safetensors");
        File.WriteAllBytes(path, [.. length, .. json, .. data]);
        return path;
    }
}
