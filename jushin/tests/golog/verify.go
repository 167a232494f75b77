// Checks a log's files with the code of the Go team: signature of the checkpoint, inclusion, consistency.
//
// verify <folder> <verifier key> <earlier size> <earlier root, base64>
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, values ...interface{}) {
	fmt.Printf("REFUSED "+format+"\n", values...)
	os.Exit(1)
}

type folder string

func (f folder) Height() int { return 8 }

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

// C2SP leaves the height out of the path.
func place(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), "tile/8/")
	return filepath.Join("tile", strings.Replace(path, "data/", "entries/", 1))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), place(tile)))
		if err != nil {
			full := tile
			full.W = 256
			if data, err = os.ReadFile(filepath.Join(string(f), place(full))); err != nil {
				return nil, err
			}
			data = data[:tile.W*tlog.HashSize]
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) entries(bundle, size int64) [][]byte {
	width := size - bundle*256
	if width > 256 {
		width = 256
	}
	data, err := os.ReadFile(filepath.Join(string(f), place(tlog.Tile{H: 8, L: -1, N: bundle, W: int(width)})))
	if err != nil {
		fail("entries: %v", err)
	}
	var all [][]byte
	for len(data) > 0 {
		length := binary.BigEndian.Uint16(data)
		all = append(all, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(all)) != width {
		fail("bundle %d has %d entries", bundle, len(all))
	}
	return all
}

func main() {
	files := folder(os.Args[1])
	verifier, err := note.NewVerifier(os.Args[2])
	if err != nil {
		fail("verifier key: %v", err)
	}
	text, err := os.ReadFile(filepath.Join(string(files), "checkpoint"))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	signed, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint: %v", err)
	}
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[0] != verifier.Name() {
		fail("checkpoint: not of this log")
	}
	hash := func(encoded string) (hash tlog.Hash) {
		bytes, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil || copy(hash[:], bytes) != tlog.HashSize {
			fail("no hash: %v", encoded)
		}
		return
	}
	tree := tlog.Tree{N: size, Hash: hash(lines[2])}
	reader := tlog.TileHashReader(tree, files)
	checked := 0
	for bundle := int64(0); bundle*256 < size; bundle++ {
		for offset, entry := range files.entries(bundle, size) {
			index := bundle*256 + int64(offset)
			// Every entry of the first and last bundles, and one of each other.
			if bundle > 0 && (bundle+1)*256 < size && int64(offset) != bundle%256 {
				continue
			}
			proof, err := tlog.ProveRecord(size, index, reader)
			if err != nil {
				fail("entry %d: %v", index, err)
			}
			if err := tlog.CheckRecord(proof, size, tree.Hash, index, tlog.RecordHash(entry)); err != nil {
				fail("entry %d: %v", index, err)
			}
			checked++
		}
	}
	old, _ := strconv.ParseInt(os.Args[3], 10, 64)
	proof, err := tlog.ProveTree(size, old, reader)
	if err != nil {
		fail("from %d: %v", old, err)
	}
	if err := tlog.CheckTree(proof, size, tree.Hash, old, hash(os.Args[4])); err != nil {
		fail("from %d: %v", old, err)
	}
	fmt.Printf("VERIFIED %d entries, %d looked at, goes on from %d\n", size, checked, old)
}
