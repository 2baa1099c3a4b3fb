using System.Buffers.Binary;
using System.Text;

namespace Roma.Core.Native;

/// <summary>Reads and edits what the loader looks at in a 64-bit little-endian ELF shared object.</summary>
internal static class ElfImage
{
    private const uint SectionDynamic = 6, SectionSymbols = 11, SectionVersionNeeds = 0x6ffffffe;
    private const ushort FlagWeak = 2;
    private const long TagNeeded = 1;

    /// <summary>Marks matching version needs as weak, so that the loader accepts a library that lacks them; returns how many it changed.</summary>
    public static int WeakenVersions(Span<byte> image, Func<string, bool> match)
    {
        int changed = 0;
        foreach (Section section in Sections(image))
        {
            if (section.Type != SectionVersionNeeds)
                continue;
            long strings = SectionOffset(image, section.Link), need = section.Offset;
            for (int i = 0; i < section.Info; i++)
            {
                int count = U16(image, need + 2);
                long entry = need + U32(image, need + 8);
                for (int j = 0; j < count; j++)
                {
                    if (match(Text(image, strings + U32(image, entry + 8))))
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(image[(int)(entry + 4)..], (ushort)(U16(image, entry + 4) | FlagWeak));
                        changed++;
                    }
                    entry += U32(image, entry + 12);
                }
                need += U32(image, need + 12);
            }
        }
        return changed;
    }

    /// <summary>The names of the libraries that the image needs (DT_NEEDED).</summary>
    public static IReadOnlyList<string> Needed(ReadOnlySpan<byte> image)
    {
        var names = new List<string>();
        foreach (Section section in Sections(image))
        {
            if (section.Type != SectionDynamic)
                continue;
            long strings = SectionOffset(image, section.Link);
            for (long entry = section.Offset; entry < section.Offset + section.Size; entry += 16)
                if (I64(image, entry) == TagNeeded)
                    names.Add(Text(image, strings + I64(image, entry + 8)));
        }
        return names;
    }

    /// <summary>The names of the symbols that the image expects of others; weak ones, which may be absent, are left out.</summary>
    public static IReadOnlyList<string> Undefined(ReadOnlySpan<byte> image)
    {
        const int symbolSize = 24, weak = 2;
        var names = new List<string>();
        foreach (Section section in Sections(image))
        {
            if (section.Type != SectionSymbols)
                continue;
            long strings = SectionOffset(image, section.Link);
            for (long at = section.Offset + symbolSize; at < section.Offset + section.Size; at += symbolSize) // the first entry is empty
                if (U16(image, at + 6) == 0 && image[(int)at + 4] >> 4 != weak)
                    names.Add(Text(image, strings + U32(image, at)));
        }
        return names;
    }

    /// <summary>A shared object that holds nothing but its own name: it satisfies a DT_NEEDED entry whose functions are never called.</summary>
    public static byte[] Stub(string soname)
    {
        byte[] name = Encoding.ASCII.GetBytes(soname);
        const int header = 64, program = 56, dynamicSize = 16 * 7, symbolSize = 24;
        const int dynamic = header + 2 * program, symbols = dynamic + dynamicSize, strings = symbols + symbolSize;
        byte[] image = new byte[(strings + 1 + name.Length + 1 + 7) & ~7];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(image);
        Put16(16, 3);            // ET_DYN
        Put16(18, 62);           // x86-64
        Put32(20, 1);
        Put64(32, header);       // program headers follow the file header
        Put16(52, header);
        Put16(54, program);
        Put16(56, 2);
        ProgramHeader(header, type: 1, offset: 0, image.Length, align: 0x1000);              // PT_LOAD
        ProgramHeader(header + program, type: 2, dynamic, dynamicSize, align: 8);            // PT_DYNAMIC
        (long Tag, long Value)[] entries = [(5, strings), (6, symbols), (10, name.Length + 2), (11, symbolSize), (14, 1), (0, 0), (0, 0)];
        for (int i = 0; i < entries.Length; i++)
        {
            Put64(dynamic + 16 * i, entries[i].Tag);
            Put64(dynamic + 16 * i + 8, entries[i].Value);
        }
        name.CopyTo(image, strings + 1);
        return image;

        void Put16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), (ushort)value);
        void Put32(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(at), value);
        void Put64(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(image.AsSpan(at), value);
        void ProgramHeader(int at, uint type, long offset, long size, long align)
        {
            Put32(at, type);
            Put32(at + 4, 6); // readable, writable
            foreach ((int field, long value) in (ReadOnlySpan<(int, long)>)[(8, offset), (16, offset), (24, offset), (32, size), (40, size), (48, align)])
                Put64(at + field, value);
        }
    }

    private readonly record struct Section(uint Type, long Offset, long Size, int Info, int Link);

    private static List<Section> Sections(ReadOnlySpan<byte> image)
    {
        if (image.Length < 64 || !image[..5].SequenceEqual((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2]))
            throw new BadImageFormatException("not a 64-bit ELF file");
        var sections = new List<Section>();
        long table = I64(image, 0x28);
        int size = U16(image, 0x3A), count = U16(image, 0x3C);
        for (int i = 0; i < count; i++)
        {
            long at = table + (long)i * size;
            sections.Add(new(U32(image, at + 4), I64(image, at + 24), I64(image, at + 32), (int)U32(image, at + 44), (int)U32(image, at + 40)));
        }
        return sections;
    }

    private static long SectionOffset(ReadOnlySpan<byte> image, int i) => I64(image, I64(image, 0x28) + (long)i * U16(image, 0x3A) + 24);
    private static int U16(ReadOnlySpan<byte> image, long at) => BinaryPrimitives.ReadUInt16LittleEndian(image[(int)at..]);
    private static uint U32(ReadOnlySpan<byte> image, long at) => BinaryPrimitives.ReadUInt32LittleEndian(image[(int)at..]);
    private static long I64(ReadOnlySpan<byte> image, long at) => BinaryPrimitives.ReadInt64LittleEndian(image[(int)at..]);

    private static string Text(ReadOnlySpan<byte> image, long at)
    {
        ReadOnlySpan<byte> rest = image[(int)at..];
        return Encoding.ASCII.GetString(rest[..rest.IndexOf((byte)0)]);
    }
}
