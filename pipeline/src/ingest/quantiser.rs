//! How coarsely each picture of an H.264 stream is coded, from its packet's first bytes. A camera at constant bit rate
//! takes the bits for whoever moves from the whole picture: then sizes stay what they are and the quantiser rises.

use super::ffi::RawFacts;
use super::nal::Framing;
use h264_reader::Context;
use h264_reader::avcc::AvcDecoderConfigurationRecord;
use h264_reader::nal::pps::PicParameterSet;
use h264_reader::nal::slice::SliceHeader;
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal, RefNal};

/// So many of a packet's bytes hold a picture's header behind the short units that cameras put before it.
pub(super) const HEADER_BYTES: usize = 128;

const NAL_SLICE: u8 = 1;
const NAL_IDR: u8 = 5;
const NAL_SPS: u8 = 7;
const NAL_PPS: u8 = 8;

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
            let nal = RefNal::new(unit, &[], false);
            match unit.first()? & 0x1f {
                NAL_SPS => {
                    if let Ok(set) = SeqParameterSet::from_bits(RefNal::new(unit, &[], true).rbsp_bits()) {
                        self.context.put_seq_param_set(set);
                    }
                }
                NAL_PPS => {
                    let bits = RefNal::new(unit, &[], true).rbsp_bits();
                    if let Ok(set) = PicParameterSet::from_bits(&self.context, bits) {
                        self.context.put_pic_param_set(set);
                    }
                }
                NAL_SLICE | NAL_IDR => {
                    let header = nal.header().ok()?;
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
