//! How coarsely each picture of an H.264 stream is coded, from its packet's first bytes. A camera at constant bit rate
//! takes the bits for whoever moves from the whole picture: then sizes stay what they are and the quantiser rises.

use super::ffi::RawFacts;
use super::nal::Framing;
use h264_reader::Context;
use h264_reader::avcc::AvcDecoderConfigurationRecord;
use h264_reader::nal::pps::PicParameterSet;
use h264_reader::nal::slice::SliceHeader;
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal, RefNal, UnitType};

/// So many of a packet's bytes hold a picture's header behind the short units that cameras put before it.
pub(super) const HEADER_BYTES: usize = 128;

/// Reads quantisers of one stream's packets, which come in decoding order.
pub(super) struct Quantisers {
    framing: Framing,
    /// The parameter sets that headers refer to.
    context: Context,
}

impl Quantisers {
    /// `None` for streams whose headers aren't known.
    pub(super) fn of(facts: &RawFacts) -> Option<Self> {
        let framing = match Framing::of(&facts.codec_name, &facts.extradata) {
            Framing::Trusted => return None,
            framing => framing,
        };
        let configuration = AvcDecoderConfigurationRecord::try_from(facts.extradata.as_slice());
        let context = configuration.ok().and_then(|configuration| configuration.create_context().ok());
        let mut quantisers = Self { framing, context: context.unwrap_or_default() };
        if framing == Framing::StartCodes {
            quantisers.read(&facts.extradata);
        }
        Some(quantisers)
    }

    /// The quantiser (0 to 51, six more are twice as coarse) with which a packet's picture begins, from its first bytes;
    /// parameter sets before it are kept. `None` if there is none, or what it refers to is not known.
    pub(super) fn read(&mut self, data: &[u8]) -> Option<u8> {
        for unit in self.framing.units(data) {
            let nal = RefNal::new(unit, &[], true);
            let header = nal.header().ok()?;
            match header.nal_unit_type() {
                UnitType::SeqParameterSet => {
                    if let Ok(set) = SeqParameterSet::from_bits(nal.rbsp_bits()) {
                        self.context.put_seq_param_set(set);
                    }
                }
                UnitType::PicParameterSet => {
                    if let Ok(set) = PicParameterSet::from_bits(&self.context, nal.rbsp_bits()) {
                        self.context.put_pic_param_set(set);
                    }
                }
                UnitType::SliceLayerWithoutPartitioningIdr | UnitType::SliceLayerWithoutPartitioningNonIdr => {
                    let read = SliceHeader::from_bits(&self.context, &mut nal.rbsp_bits(), header, None);
                    let (slice, _, picture) = read.ok()?;
                    return u8::try_from(26 + picture.pic_init_qp_minus26 + slice.slice_qp_delta).ok();
                }
                _ => {}
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::Footage;
    use super::super::{PacketSize, demux, ffi, packet_sizes};
    use super::*;
    use ffmpeg_next::Packet;
    use proptest::prelude::*;
    use std::path::Path;

    /// What each packet's header says.
    fn read_all(path: &Path) -> Vec<Option<u8>> {
        let (mut input, stream) = demux::open_bare(path).unwrap();
        let mut quantisers = Quantisers::of(&ffi::raw_facts(&input, stream)).unwrap();
        let mut packet = Packet::empty();
        let mut read = Vec::new();
        while packet.read(&mut input).is_ok() {
            let data = packet.data().unwrap();
            read.push(quantisers.read(&data[..data.len().min(1000)]));
        }
        read
    }

    const CONSTANT: &str =
        "-c:v libx264 -g 25 -bf 0 -qp 31 -x264-params ipratio=1:aq-mode=0:scenecut=0 -pix_fmt yuv420p";

    #[test]
    fn the_quantiser_that_an_encoder_was_told_is_read_in_each_container() {
        let footage = Footage::new();
        for name in ["constant.mp4", "constant.mkv", "constant.ts"] {
            let read = read_all(&footage.encode(name, 4, CONSTANT));
            assert!(read.len() >= 99, "{name}: {} packets", read.len());
            assert!(read.iter().skip(1).all(|quantiser| *quantiser == Some(31)), "{name}: {read:?}");
        }
    }

    #[test]
    fn sizes_come_with_quantisers_where_these_change_and_only_there() {
        let footage = Footage::new();
        let known = |sizes: &[PacketSize]| sizes.iter().filter(|size| size.quantiser.is_some()).count();
        let rate = "-c:v libx264 -preset veryfast -g 25 -b:v 200k -maxrate 200k -bufsize 100k -pix_fmt yuv420p";
        for name in ["rate.mp4", "rate.ts"] {
            let sizes = packet_sizes(&footage.encode(name, 6, rate)).unwrap();
            assert!(known(&sizes) >= 140, "{name}: {} of {}", known(&sizes), sizes.len());
        }
        for name in ["constant.mp4", "constant.ts"] {
            let sizes = packet_sizes(&footage.encode(name, 6, CONSTANT)).unwrap();
            assert_eq!(known(&sizes), 0, "{name}");
            assert!(sizes.len() >= 149, "{name}");
        }
        let other = packet_sizes(&footage.encode("other.mp4", 2, "-c:v mpeg4 -b:v 200k")).unwrap();
        assert_eq!(known(&other), 0);
    }

    proptest! {
        #[test]
        fn torn_headers_tell_nothing_and_do_no_harm(
            data in prop::collection::vec(any::<u8>(), 0..200),
            parameters in prop::collection::vec(any::<u8>(), 0..60),
            unit in 0_u8..32,
        ) {
            let facts = |extradata: Vec<u8>| RawFacts { codec_name: "h264".to_owned(), extradata, ..RawFacts::default() };
            // A set of parameters as FFmpeg's test picture has it, before what is torn.
            let known = [
                0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0a, 0xda, 0x0a, 0x3f, 0x9e, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 3, 0x20, 0xf1,
                0x22, 0x6a, 0, 0, 0, 1, 0x68, 0xce, 0x0f, 0xc8,
            ];
            for extradata in [known.to_vec(), [&[1, 0x64, 0, 0x1f, 0xff, 0xe1][..], &parameters].concat(), parameters] {
                if let Some(mut quantisers) = Quantisers::of(&facts(extradata)) {
                    let coded = [&[0, 0, 0, 1, unit][..], &data].concat();
                    prop_assert!(quantisers.read(&coded).is_none_or(|quantiser| quantiser <= 63));
                    quantisers.read(&data);
                }
            }
        }
    }
}
